"""What can be measured: the engine in this process, or any endpoint that speaks Rekognition's API."""
