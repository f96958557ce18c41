"""What the plan says: the policy as data, loaded, checked and planned. Pure: no Django, no clock."""
