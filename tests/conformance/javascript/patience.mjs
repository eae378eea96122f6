// Asks a busy server until it answers and prints how often the SDK had to try.

import { ListCollectionsCommand, RekognitionClient } from "@aws-sdk/client-rekognition";

const client = new RekognitionClient({ maxAttempts: 12 });
const attempts = [];
for (let request = 0; request < 5; request++) {
  const answer = await client.send(new ListCollectionsCommand({}));
  attempts.push(answer.$metadata.attempts);
}
console.log(JSON.stringify(attempts));
