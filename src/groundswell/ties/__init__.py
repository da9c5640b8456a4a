"""Who is tied to whom, informally and by the org chart."""
