import Base
import Crypto
import Evaluation
import JSON

/// A truth as the command line names it: a file in COCO's format, a table, or a folder with a folder of pictures for each class.
struct TruthFile {
  let truth: Truth
  /// SHA-256 of the file, or of the list of files of a folder with their lengths.
  let digest: String
  private let base: String
  /// Paths of all pictures below the base, by what they are called below it; and by the last part, where only one has it.
  private let files: [String: String]

  private static let mostBytes = 2 << 30

  init(_ path: String, pictures: String?, slice: String?, names: [(from: String, to: String)]) throws(Fault) {
    let isFolder = FileSystem.kind(of: path) == .folder
    base = pictures.map(LibraryPlace.plain) ?? (isFolder ? LibraryPlace.plain(path) : FileSystem.folder(of: path))
    guard FileSystem.kind(of: base) == .folder else {
      throw Fault(.notFound, "there is no folder \(base), in which the pictures of the truth should be")
    }
    var walk = Walk()
    try walk.visit(base, inside: "")
    files = walk.files
    var truth: Truth
    if isFolder {
      guard pictures == nil || LibraryPlace.plain(pictures!) == LibraryPlace.plain(path) else {
        throw Fault(.usage, "a truth that is a folder has its pictures in it: leave --images out")
      }
      let named = walk.inner
      truth = Truth(folders: walk.folders, files: named)
      digest = try Self.digest(named, in: base)
      if walk.foreign > 0 {
        truth.notes.append("\(walk.foreign) files whose names are not UTF-8 were left out.")
      }
      if slice == nil { for place in truth.pictures.indices { truth.pictures[place].slice = nil } }
    } else {
      let bytes = try FileSystem.read(path, limit: Self.mostBytes)
      digest = "sha256:" + SHA256.hex(of: bytes)
      truth = try Self.read(bytes, path, slice)
    }
    self.truth = try truth.renamed(names)
  }

  private static func read(_ bytes: [UInt8], _ path: String, _ slice: String?) throws(Fault) -> Truth {
    let name = FileSystem.name(of: path)
    let isMarked = bytes.starts(with: [0xEF, 0xBB, 0xBF])
    let plain = isMarked ? Array(bytes.dropFirst(3)) : bytes
    let first = plain.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    guard name.lowercased().hasSuffix(".json") || first == UInt8(ascii: "{") else {
      return try Truth(csv: bytes, name: name, slice: slice)
    }
    return try Truth(coco: JSONDocument(parsing: plain.span.bytes, name: name), slice: slice)
  }

  private static func digest(_ files: [String], in base: String) throws(Fault) -> String {
    var list: [UInt8] = []
    for file in files {
      let path = "\(base)/\(file)"
      list += Array("\(file)\0\(try FileSystem.byteCount(of: path))\n".utf8)
    }
    return "sha256:" + SHA256.hex(of: list)
  }

  /// Where a picture of the truth is; `nil` where it is missing.
  ///
  /// Names are compared as people read them: accents that are written in two ways are one, and so are the slashes of all systems. A picture that lies
  /// elsewhere is found by the last part of its path, where only one has it.
  func path(of picture: Truth.Picture) -> String? {
    let plain = "\(base)/\(picture.file)"
    if FileSystem.kind(of: plain) == .file { return plain }
    let name = picture.file.replacing("\\", with: "/")
    return files[name] ?? files["/" + FileSystem.name(of: name)]
  }

  /// What a folder has, by name.
  private struct Walk {
    var files: [String: String] = [:]
    /// Pictures and films below, in order; folders in it.
    var inner: [String] = []
    var folders: [String] = []
    /// Files whose names are not UTF-8.
    var foreign = 0

    mutating func visit(_ folder: String, inside: String) throws(Fault) {
      for entry in try FolderEntries.list(folder) where entry.text.first != "." {
        guard !FileName.isForeign(entry.text) else {
          foreign += 1
          continue
        }
        let (path, name) = ("\(folder)/\(entry.text)", inside + entry.text)
        if entry.isFolder {
          if inside.isEmpty { folders.append(entry.text) }
          try visit(path, inside: name + "/")
        } else if entry.isFile {
          files[name] = path
          // One that several folders have is none: an empty path is no file.
          let last = "/" + entry.text
          files[last] = files[last] == nil ? path : ""
          if InputFiles.isMedia(entry.text) { inner.append(name) }
        }
      }
    }
  }
}

extension TruthFile {
  /// `--map 'person=Mensch,car=Auto'`: the truth's name, and the model's.
  static func names(_ arguments: Arguments) throws(Fault) -> [(from: String, to: String)] {
    guard let text = arguments["map"] else { return [] }
    var names: [(from: String, to: String)] = []
    for part in text.split(separator: ",") {
      let sides = part.split(separator: "=", maxSplits: 1).map(String.init)
      guard sides.count == 2 else {
        throw arguments.refusal("--map takes TRUTH=MODEL with commas between, such as person=human, not '\(part)'")
      }
      guard !names.contains(where: { $0.from == sides[0] }) else {
        throw arguments.refusal("--map speaks of '\(sides[0])' twice")
      }
      names.append((sides[0], sides[1]))
    }
    return names
  }
}
