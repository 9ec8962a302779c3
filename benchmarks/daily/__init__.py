"""The same daily load three ways, on one local AWS: Sightline, stock operators, bare boto3."""
