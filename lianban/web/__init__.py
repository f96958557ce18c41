"""Human doors: five faces that do not import one another, and the components they share."""
