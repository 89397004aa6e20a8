import Base
import Crypto
import Execution
import Isolation
import Media
import MediaProcess

/// Pictures of good parts in a folder, and what a network makes of each.
struct GoodPictures {
  /// Fewer tell nothing of how good ones differ.
  static let least = 10
  private static let most = 5000

  let folder: String
  /// In the order of their names.
  private(set) var paths: [String] = []
  /// Names of those that are, byte by byte, another one once more.
  private(set) var repeated: [String] = []

  init(_ folder: String) throws(Fault) {
    self.folder = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    guard FileName.kind(of: self.folder) == .folder else {
      throw Fault(
        .notFound, "there is no folder \(FileName.shown(folder)): a folder of pictures of good parts is wanted")
    }
    try add(self.folder)
    var digests: Set<String> = []
    var kept: [String] = []
    for path in paths {
      if digests.insert(try SHA256.hex(ofFile: path)).inserted {
        kept.append(path)
      } else {
        repeated.append(path)
      }
    }
    paths = kept
    guard paths.count >= Self.least else {
      let more = repeated.isEmpty ? "" : ", not counting \(repeated.count) that are there twice"
      throw Fault(
        .badInput,
        "\(FileName.shown(folder)) has \(paths.count) \(paths.count == 1 ? "picture" : "pictures")\(more), and \(Self.least) are the least that tell how good parts differ"
      )
    }
    guard paths.count <= Self.most else {
      throw Fault(.badInput, "\(FileName.shown(folder)) has \(paths.count) pictures, and \(Self.most) are the most")
    }
  }

  private mutating func add(_ folder: String) throws(Fault) {
    for entry in try FolderEntries.list(folder) where entry.text.first != "." {
      let path = "\(folder)/\(entry.text)"
      if entry.isFolder { try add(path) } else if entry.isFile, InputFiles.isMedia(entry.text) { paths.append(path) }
    }
  }

  /// What the network makes of each.
  ///
  /// - Throws: `badInput` with the names of all that cannot be read.
  func features(_ model: LoadedModel, _ bar: ProgressBar) throws(Fault) -> [[Float]] {
    let embedder = try PictureEmbedder(model, MediaPool(limit: 1))
    var (maps, wrong): ([[Float]], [String]) = ([], [])
    for (number, path) in paths.enumerated() {
      bar.show(share: Double(number) / Double(paths.count), detail: "looking at \(FileSystem.name(of: path))")
      guard !Interrupt.isAsked else { throw Fault(.closed, "stopped: nothing was learned") }
      SharedFlags.beat()
      do throws(Fault) { maps.append(try Self.look(path, embedder)) } catch {
        wrong.append("\(FileName.shown(path)): \(error.message)")
      }
    }
    guard wrong.isEmpty else {
      let shown =
        wrong.prefix(5).map { "\n  \($0)" }.joined() + (wrong.count > 5 ? "\n  and \(wrong.count - 5) more" : "")
      throw Fault(
        .badInput,
        "\(wrong.count) of \(paths.count) files in \(FileName.shown(folder)) cannot be learned from; mend them or take them away:\(shown)"
      )
    }
    return maps
  }

  private static func look(_ path: String, _ embedder: PictureEmbedder) throws(Fault) -> [Float] {
    let seen = try embedder.look(atPath: path)
    guard seen.isPicture else {
      throw Fault(.badInput, "this is a film, and pictures of one good part each are wanted")
    }
    return seen.embedding
  }
}
