"""What talks to the world: Prefect's API, databases and the demo that needs neither."""
