// Exercises a server with the AWS SDK for JavaScript and prints what it saw as JSON, for pytest to judge.
// Usage: node exercise.mjs COLLECTION PICTURE_OF_ONE PICTURE_OF_TWO; address and key come from the environment.

import { readFileSync } from "node:fs";
import {
  CreateCollectionCommand,
  CreateUserCommand,
  DeleteCollectionCommand,
  DescribeCollectionCommand,
  DetectFacesCommand,
  IndexFacesCommand,
  InvalidImageFormatException,
  InvalidParameterException,
  RekognitionClient,
  ResourceAlreadyExistsException,
  ResourceNotFoundException,
  SearchFacesByImageCommand,
  paginateListCollections,
  paginateListFaces,
  paginateListUsers,
} from "@aws-sdk/client-rekognition";

const [CollectionId, one, two] = process.argv.slice(2);
const client = new RekognitionClient({});
const Image = (path) => ({ Bytes: readFileSync(path) });

async function pages(paginate, input, member, pageSize) {
  const sizes = [];
  for await (const page of paginate({ client, pageSize }, input)) {
    sizes.push(page[member].length);
  }
  return sizes;
}

async function failure(command, kind, sender = client) {
  try {
    await sender.send(command);
  } catch (error) {
    return {
      name: error.name,
      isOfItsClass: error instanceof kind,
      message: error.message,
      status: error.$metadata.httpStatusCode,
      requestId: error.$metadata.requestId,
      fault: error.$fault,
    };
  }
  return "no error";
}

const created = await client.send(new CreateCollectionCommand({ CollectionId, Tags: { team: "press" } }));
const described = await client.send(new DescribeCollectionCommand({ CollectionId }));
const indexed = await client.send(new IndexFacesCommand({ CollectionId, Image: Image(two), ExternalImageId: "two" }));
for (const UserId of ["a", "b", "c"]) {
  await client.send(new CreateUserCommand({ CollectionId, UserId }));
}
const found = await client.send(new SearchFacesByImageCommand({ CollectionId, Image: Image(one), MaxFaces: 1 }));
const detected = await client.send(new DetectFacesCommand({ Image: Image(two), Attributes: ["ALL"] }));

const failures = {
  notFound: await failure(new DescribeCollectionCommand({ CollectionId: "not-there" }), ResourceNotFoundException),
  exists: await failure(new CreateCollectionCommand({ CollectionId }), ResourceAlreadyExistsException),
  noPicture: await failure(
    new DetectFacesCommand({ Image: { Bytes: Buffer.from("no picture") } }),
    InvalidImageFormatException,
  ),
  noParameter: await failure(new DetectFacesCommand({ Image: {} }), InvalidParameterException),
  invalid: await failure(new DescribeCollectionCommand({ CollectionId: "a b" }), Error),
  wrongSecret: await failure(
    new DescribeCollectionCommand({ CollectionId }),
    Error,
    new RekognitionClient({
      credentials: { accessKeyId: process.env.AWS_ACCESS_KEY_ID, secretAccessKey: "x".repeat(40) },
    }),
  ),
};

const lists = {
  collections: await pages(paginateListCollections, {}, "CollectionIds", 1),
  faces: await pages(paginateListFaces, { CollectionId }, "Faces", 1),
  users: await pages(paginateListUsers, { CollectionId }, "Users", 2),
};
const deleted = await client.send(new DeleteCollectionCommand({ CollectionId }));

console.log(JSON.stringify({ created, described, indexed, found, detected, failures, lists, deleted }));
