public import Base

/// One version of a model on the disk.
public struct ModelVersion: Sendable, Hashable {
  public let model: String
  public let version: String
  /// Its folder.
  public let path: String

  public init(model: String, version: String, path: String) {
    (self.model, self.version, self.path) = (model, version, path)
  }

  /// Whether anything stands there as its manifest, readable or not.
  public var hasManifest: Bool { FileSystem.isThere("\(path)/\(Manifest.fileName)") }

  /// Names, lengths and times of the files in the folder and below it: another text where one came, went or changed.
  public var state: String { Self.state(of: path, depth: 0) }

  private static func state(of folder: String, depth: Int) -> String {
    let names = (try? FileSystem.list(folder)) ?? []
    return names.prefix(1000).map { name in
      let path = "\(folder)/\(name)"
      let inner = depth < 4 && FileSystem.kind(of: path) == .folder ? state(of: path, depth: depth + 1) : ""
      return "\(name) \(FileSystem.stamp(of: path)?.state ?? "") [\(inner)]\n"
    }.joined()
  }

  /// The one network in a folder without a manifest, by the names that Triton gives them first.
  public func network() throws(Fault) -> String {
    let names = try FileSystem.list(path)
    let usual = ["model.onnx", "model.xml", "model.pdmodel", "model.tflite", "model.pb", "model.savedmodel"]
    if let name = usual.first(where: names.contains) { return try plain("\(path)/\(name)") }
    let networks = names.filter { name in
      ["onnx", "xml", "pdmodel", "tflite", "pb"].contains(name.split(separator: ".").last.map(String.init) ?? "")
    }
    guard networks.count == 1 else {
      let what = networks.isEmpty ? "no network" : "several networks (\(networks.joined(separator: ", ")))"
      throw Fault(
        .notFound, "\(path) holds \(what) and no \(Manifest.fileName): put one network there, such as model.onnx")
    }
    return try plain("\(path)/\(networks[0])")
  }

  /// What an engine may open: a file, or the folder of a SavedModel.
  private func plain(_ network: String) throws(Fault) -> String {
    let isFolder = network.hasSuffix(".savedmodel") && FileSystem.kind(of: network) == .folder
    if !isFolder { try FileSystem.checkPlain(network) }
    return network
  }
}
