"""Detectors: MTCNN, and the one-shot detectors YuNet and SCRFD, behind one small interface."""
