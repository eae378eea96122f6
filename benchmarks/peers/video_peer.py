"""`face_recognition` on a video, the way its examples do it: each frame that is looked at by itself.

    FOLDER/peers/bin/python benchmarks/peers/video_peer.py FILM LOOKS_PER_SECOND SECONDS

Prints JSON: how long it took, how much of the video that was, and how many faces were described.
"""

from __future__ import annotations

import json
import sys
import time
import warnings

import cv2

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message="pkg_resources is deprecated")
    import face_recognition


def main() -> None:
    path, looks_per_second, most_seconds = sys.argv[1], float(sys.argv[2]), float(sys.argv[3])
    film = cv2.VideoCapture(path)
    rate = film.get(cv2.CAP_PROP_FPS) or 25.0
    began, number, faces, due = time.perf_counter(), 0, 0, 0.0
    while number / rate < most_seconds and film.grab():
        if number / rate >= due:
            due += 1 / looks_per_second
            _, pixels = film.retrieve()
            faces += len(face_recognition.face_encodings(cv2.cvtColor(pixels, cv2.COLOR_BGR2RGB)))
        number += 1
    spent_s = time.perf_counter() - began
    print(json.dumps({"spent_s": spent_s, "video_s": number / rate, "faces": faces}))


if __name__ == "__main__":
    main()
