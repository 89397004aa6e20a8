internal import Base

/// What a picture file says of itself that the media library does not look at.
struct PictureHeader {
  /// How it stands; `nil` where the file does not say it here.
  var orientation: Orientation?
  /// One picture, in a container that may hold films too.
  var isStill = false

  init() {}

  /// Refuses by its name what would be decoded wrongly, or not at all; `demuxer` is what found the file to be its own.
  init(_ file: MediaFile, demuxer: String) throws(Fault) {
    if demuxer.hasPrefix("mov") {
      guard let items = HEIFItems(file) else { return }
      try items.refuseWrongOnes()
      (orientation, isStill) = (items.orientation, true)
    } else if demuxer == "tiff_pipe" {
      guard let directory = TIFFDirectory(file) else { return }
      try directory.refuseWrongOnes()
      orientation = directory.orientation
    } else if demuxer == "webp_pipe" {
      // RIFF, its length, WEBP, VP8X, its length, and flags (RFC 9649, 2.7).
      let head = file.bytes(0..<21)
      guard head.count == 21, head[12..<16].elementsEqual("VP8X".utf8), head[20] & 2 != 0 else { return }
      throw Formats.refusal(of: "animated WebP pictures")
    }
  }
}

extension MediaFile {
  /// A part of the file, as much of it as there is.
  func bytes(_ range: Range<Int>) -> [UInt8] {
    let count = max(0, min(range.upperBound, byteCount) - range.lowerBound)
    return unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      let read = unsafe self.read(into: UnsafeMutableRawBufferPointer(buffer), at: range.lowerBound)
      filled = max(0, read)
    }
  }
}
