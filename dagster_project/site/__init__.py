"""The site of a release: pages for people who write no SQL, laid out from what SQL finds in the release itself."""
