public import Base
internal import Glibc

/// The files that a network is made of besides the one that is named.
///
/// Paths are relative to the folder of that file. What a file says of others is checked: they stand in the same folder or
/// below it, and no link leads out of it.
public enum NetworkParts {
  /// More files than any network is exported into.
  private static let most = 1 << 16

  /// The other files, each once: the weights of OpenVINO IR and of Paddle by their names, those of ONNX as the file itself says.
  ///
  /// All files of a SavedModel's folder, with the folder's name in front. Whether they are there is not looked at.
  /// - Throws: `badInput` where a place that the file names lies outside its folder.
  public static func list(of path: String) throws(Fault) -> [String] {
    let name = FileSystem.name(of: path)
    if FileSystem.kind(of: path) == .folder { return try contents(of: path, named: name) }
    let stem = name.split(separator: ".", omittingEmptySubsequences: false).dropLast().joined(separator: ".")
    switch try NetworkContents.ifKnown(path) {
    case .onnx(let file): return try list(file, name)
    case .openVINO: return ["\(stem).bin"]
    case .tensorFlowLite, nil: return []
    case .other: return beside(stem, ending: name.split(separator: ".").last.map(String.init) ?? "", path)
    }
  }

  private static func contents(of folder: String, named name: String) throws(Fault) -> [String] {
    var found: [String] = []
    for entry in try FileSystem.list(folder) {
      let (path, inner) = ("\(folder)/\(entry)", "\(name)/\(entry)")
      if FileSystem.kind(of: path) == .folder {
        found += try contents(of: path, named: inner)
      } else {
        found.append(inner)
      }
    }
    return found
  }

  private static func list(_ file: ONNXFile, _ network: String) throws(Fault) -> [String] {
    var found: [String] = []
    var seen: Set<String> = []
    for tensor in file.externals {
      let location = try plain(tensor, network)
      if seen.insert(location).inserted { found.append(location) }
    }
    guard found.count <= most else {
      throw Fault(.badInput, "\(network) names \(found.count) files of weights: export it with one")
    }
    return found
  }

  /// The location with nothing in it that means nothing.
  private static func plain(_ tensor: ONNXFile.ExternalTensor, _ network: String) throws(Fault) -> String {
    let location = tensor.location
    func refused(_ why: String) -> Fault {
      Fault(
        .badInput,
        "the weights '\(tensor.name.prefix(80))' of \(network) stand in '\(shown(location))', which \(why): export it with its weights beside it"
      )
    }
    guard !location.isEmpty else { throw refused("names no file") }
    guard !location.hasPrefix("/") else { throw refused("is an absolute path") }
    let parts = location.split(separator: "/").filter { $0 != "." }
    guard !parts.contains("..") else { throw refused("leads out of its folder") }
    let isPlain = !location.unicodeScalars.contains { $0.value < 32 || $0.value == 127 || $0 == "\\" || $0 == "*" }
    guard isPlain, !parts.isEmpty, location.utf8.count <= 1024 else { throw refused("is not a plain path") }
    return parts.joined(separator: "/")
  }

  /// For a sentence: no characters that a terminal obeys.
  package static func shown(_ text: String) -> String {
    String(text.prefix(200).unicodeScalars.map { $0.value < 32 || $0.value == 127 ? "?" : Character($0) })
  }

  /// Weights that are found by the network's own name; those that are not there are not needed, or are missed by the engine.
  private static func beside(_ stem: String, ending: String, _ path: String) -> [String] {
    let folder = FileSystem.folder(of: path)
    switch ending {
    case "pdmodel", "json":
      return FileSystem.kind(of: "\(folder)/\(stem).pdiparams") == nil ? [] : ["\(stem).pdiparams"]
    case "meta":
      let names = (try? FileSystem.list(folder)) ?? []
      return names.filter { $0 == "\(stem).index" || $0.hasPrefix("\(stem).data-") }
    default: return []
    }
  }

  /// Refuses a part that is missing, is no file, or stands elsewhere by way of a link.
  ///
  /// `folder` is that of the network called `network`. Where its file did not name the part, it may be a link (`mayBeLink`).
  public static func check(
    _ part: String, in folder: String, of network: String, mayBeLink: Bool = false
  ) throws(Fault) {
    let path = "\(folder)/\(part)"
    guard FileSystem.kind(of: path) != nil else {
      throw Fault(.notFound, "the weights \(part) of \(network) are missing: they belong beside it, at \(path)")
    }
    try FileSystem.checkPlain(path)
    guard !mayBeLink else { return }
    guard let real = resolved(path), let root = resolved(folder) else {
      throw Fault(.notFound, "the weights \(part) of \(network) cannot be followed to where they are")
    }
    guard real.hasPrefix(root == "/" ? root : root + "/") else {
      throw Fault(
        .badInput,
        "the weights \(part) of \(network) are a link that leads out of its folder: put the file itself there")
    }
  }

  private static func resolved(_ path: String) -> String? {
    guard let found = unsafe realpath(path, nil) else { return nil }
    defer { unsafe free(found) }
    return unsafe String(cString: found)
  }

  /// Checks every part, and that the tensors of an ONNX file lie inside theirs.
  public static func checkAll(of path: String, _ contents: NetworkContents) throws(Fault) {
    guard case .onnx(let file) = contents, !file.externals.isEmpty else { return }
    let (folder, network) = (FileSystem.folder(of: path), FileSystem.name(of: path))
    var sizes: [String: Int] = [:]
    for part in try list(file, network) {
      try check(part, in: folder, of: network)
      sizes[part] = try FileSystem.byteCount(of: "\(folder)/\(part)")
    }
    for tensor in file.externals {
      let part = try plain(tensor, network)
      let (offset, length) = (Self.number(tensor.offset), Self.number(tensor.length))
      guard let offset, let length, offset <= sizes[part]!, length <= sizes[part]! - offset else {
        let place = "offset \(shown(tensor.offset ?? "0")), length \(shown(tensor.length ?? "to the end"))"
        throw Fault(
          .badInput,
          "the weights '\(tensor.name.prefix(80))' of \(network) lie outside \(part) (\(place), of \(sizes[part]!) bytes): one of the two files belongs to another export"
        )
      }
    }
  }

  /// 0 where nothing is said; `nil` where it is no number of bytes.
  private static func number(_ text: String?) -> Int? {
    guard let text else { return 0 }
    return text.utf8.allSatisfy { (48...57).contains($0) } ? Int(text) : nil
  }
}
