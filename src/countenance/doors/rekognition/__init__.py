"""Amazon Rekognition's wire API over HTTP."""
