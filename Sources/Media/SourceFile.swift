internal import Base
internal import Glibc

/// Looks at a file before any library does, and says why it will not be opened.
enum SourceFile {
  /// The file's length; refuses what is missing, unreadable, empty, or not a file.
  ///
  /// Messages do not name the path.
  static func check(_ path: String) throws(Fault) -> Int {
    var info = stat()
    guard unsafe stat(path, &info) == 0 else { throw refusal(SystemError.last) }
    switch info.st_mode & S_IFMT {
    case S_IFREG: break
    case S_IFDIR: throw Fault(.badInput, "this is a folder: name a file in it")
    default: throw Fault(.badInput, "this is not a regular file: copy what it gives into a file first")
    }
    guard unsafe access(path, R_OK) == 0 else { throw refusal(SystemError.last) }
    guard info.st_size > 0 else { throw empty }
    return Int(info.st_size)
  }

  static let empty = Fault(.badInput, "the file is empty: copy or record it again")

  static func refusal(_ error: SystemError) -> Fault {
    let sentence =
      switch error.kind {
      case .notFound: "there is no such file"
      case .denied: "no permission to read this file: change its mode or run as its owner"
      default: "the file cannot be read"
      }
    return Fault(error.kind, sentence, cause: error.text)
  }

  /// Why a file that no demuxer could open was refused.
  static func whyNotMedia(_ file: MediaFile, cause: String) -> Fault {
    guard let boxes = file.boxes else {
      let isBigTIFF = [[0x49, 0x49, 43, 0], [0x4D, 0x4D, 0, 43]].contains(file.bytes(0..<4).map(Int.init))
      if isBigTIFF { return Formats.refusal(of: "BigTIFF pictures") }
      // DASH: not every FFmpeg has the reader of XML that knows it.
      if String(decoding: file.bytes(0..<4096), as: UTF8.self).contains("<MPD") { return Formats.refusalOfList }
      return Fault(.badInput, "this is not a video or a picture in a known format", cause: cause)
    }
    if boxes.contains(where: { $0.name == "moov" }) {
      return Fault(.badInput, "the index of this MP4 file is broken: copy or export it again", cause: cause)
    }
    if boxes.last?.content.upperBound == file.byteCount, boxes.contains(where: { $0.name == "meta" }) {
      return Fault(
        .badInput, "the file is of the MP4 kind and holds no video: choose a video or a picture", cause: cause)
    }
    return Fault(
      .badInput,
      "the file ends before its index: it was cut short or is still being written; copy it again, or wait", cause: cause
    )
  }
}
