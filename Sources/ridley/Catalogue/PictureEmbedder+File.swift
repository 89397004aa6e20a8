import Base
import Execution
import Media

extension PictureEmbedder {
  /// The picture at a path as a person names it: a file, however large, that may be compressed or stand behind a link.
  func look(atPath path: String) throws(Fault) -> Seen {
    let opened = try OpenedInput.open(try InputFile(path), limit: 0, bar: ProgressBar("", isQuiet: true))
    defer { withExtendedLifetime(opened) {} }
    return try look(at: try MediaFile(opened.path))
  }
}
