import Base
import Glibc

/// All that the words of a command line mean: files, patterns, folders, addresses, standard input.
struct InputFiles: Sendable {
  let files: [InputFile]
  /// They were asked for as a list: by several words, a pattern or a folder, however many that gave.
  let isList: Bool
  /// What was passed over, for people.
  let notes: [String]

  /// Words with `*`, `?` or `[` are patterns, unless a file has that very name; of a folder, all pictures and videos in it
  /// and below are meant, but those in `output`.
  ///
  /// `other` may know words that are no paths or addresses.
  init(
    _ words: [String], besides output: String,
    other: (String) throws(Fault) -> InputFile? = { (_) throws(Fault) in nil }
  ) throws(Fault) {
    var found = Found(output: output)
    for word in words {
      if let file = try other(word) { found.files.append(file) } else { try found.add(word) }
    }
    guard found.files.filter({ $0.source == .standardInput }).count <= 1 else {
      throw Fault(.usage, "standard input can be read once: name - once")
    }
    isList = words.count > 1 || found.isMany
    notes = found.notes
    files = isList ? Self.told(apart: found.files) : found.files
  }

  /// Gives every file a name and a place for its report that no other one has.
  private static func told(apart files: [InputFile]) -> [InputFile] {
    let names = Dictionary(files.map { ($0.name, Set([$0.source])) }) { $0.union($1) }
    var taken: Set<String> = Set(Self.reserved)
    return files.map { file in
      var file = file
      if names[file.name]!.count > 1 { file.name = file.shown }
      var (stem, count) = (file.stem, 1)
      while !taken.insert(stem).inserted {
        count += 1
        stem = "\(file.stem)-\(count)"
      }
      file.stem = stem
      return file
    }
  }

  /// Whether a file in a folder may be a picture or a film, by its name.
  static func isMedia(_ name: String) -> Bool { FolderWalk.isMedia(name) }

  /// What stands in the folder of a run itself.
  private static let reserved = ["predictions.jsonl", "predictions.csv", "summary.json", "report.html"]
}

/// What the words have given so far.
private struct Found {
  var files: [InputFile] = []
  var isMany = false
  var notes: [String] = []
  private let output: String?

  init(output: String) { self.output = FileSystem.stamp(of: output)?.place }

  mutating func add(_ word: String) throws(Fault) {
    let kind = FileName.kind(of: word)
    if kind == .folder { return try add(folder: word) }
    guard kind == nil, word.contains(where: { "*?[".contains($0) }), RemoteAddress(word) == nil else {
      files.append(try InputFile(word))
      return
    }
    let found = Self.matches(word)
    guard !found.isEmpty else { throw Fault(.notFound, "no file matches '\(word)'") }
    isMany = true
    for path in found where FileName.kind(of: path) != .folder { files.append(try InputFile(path)) }
  }

  private mutating func add(folder: String) throws(Fault) {
    isMany = true
    var walk = FolderWalk(without: output)
    let root = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
    try walk.visit(root, "")
    let others = walk.others == 1 ? "1 other file" : "\(walk.others) other files"
    guard !walk.files.isEmpty else {
      throw Fault(.badInput, "there is no picture or video in the folder \(folder) (\(others))")
    }
    files += walk.files
    guard walk.others > 0 else { return }
    let kinds = walk.kinds.sorted().prefix(5).joined(separator: ", ")
    notes.append("\(folder): \(walk.files.count) pictures and videos; \(others) passed over (\(kinds))")
  }

  private static func matches(_ pattern: String) -> [String] {
    var list = glob_t()
    defer { globfree(&list) }
    guard FileName.bytes(of: pattern).withCString({ glob($0, 0, nil, &list) }) == 0 else { return [] }
    return (0..<Int(list.gl_pathc)).compactMap { list.gl_pathv[$0].map { FileName.text(bytes(of: $0)) } }
  }

  private static func bytes(of text: UnsafePointer<CChar>) -> [UInt8] {
    UnsafeBufferPointer(start: text, count: strlen(text)).map { UInt8(bitPattern: $0) }
  }
}

/// The pictures and videos in a folder and below, by their names' endings, in the order of their paths.
///
/// Names that begin with a point are hidden, links to folders are not followed, and what ridley wrote is not read.
private struct FolderWalk {
  private(set) var files: [InputFile] = []
  /// Files that are no picture or video, and their endings.
  private(set) var others = 0
  private(set) var kinds: Set<String> = []
  private let output: String?

  init(without output: String?) { self.output = output }

  mutating func visit(_ folder: String, _ inside: String) throws(Fault) {
    guard FileSystem.stamp(of: folder)?.place != output || output == nil else { return }
    for name in try FolderEntries.list(folder) where name.text.first != "." {
      let (path, inner) = ("\(folder)/\(name.text)", inside + name.text)
      if name.isFolder {
        if name.text != AnalyzeRun.usualFolder { try visit(path, inner + "/") }
      } else if Self.endings.contains(Self.ending(name.text)) {
        files.append(InputFile(path: path, inFolder: inner))
      } else if name.isFile {
        others += 1
        let ending = Self.ending(name.text)
        kinds.insert(ending.isEmpty ? "no ending" : ".\(FileName.shown(ending))")
      }
    }
  }

  static func isMedia(_ name: String) -> Bool { endings.contains(ending(name)) }

  private static func ending(_ name: String) -> String {
    guard let point = name.lastIndex(of: ".") else { return "" }
    return name[name.index(after: point)...].lowercased()
  }

  private static let endings: Set<String> = [
    "mp4", "m4v", "mov", "qt", "mkv", "webm", "avi", "mpg", "mpeg", "m2v", "ts", "m2ts", "mts", "3gp", "3g2", "flv",
    "wmv",
    "asf", "ogv", "vob", "mxf", "y4m", "h264", "264", "h265", "265", "hevc", "ivf", "mjpeg", "mjpg", "dv",
    "jpg", "jpeg", "jfif", "png", "gif", "webp", "bmp", "tif", "tiff", "avif", "heic", "heif", "ppm", "pgm",
  ]
}
