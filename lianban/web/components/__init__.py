"""What the faces share: layout, forms, the metro map, access declarations."""
