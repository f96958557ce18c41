"""Department systems as strangers: they speak HTTP only and import nothing of ours."""
