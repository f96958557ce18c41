"""Template tags of the shared components: `{% load lb %}`."""
