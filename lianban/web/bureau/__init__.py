"""The bureau's face: pre-review, dossiers, reception, dispatch, conclusion."""
