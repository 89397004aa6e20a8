internal import Base
internal import Inference
internal import Loading
internal import ModelHub

/// One version of a model on the disk: `NAME/VERSION/` with a manifest, or with a network alone as Triton lays it out.
struct VersionFolder: Sendable {
  let model: String
  let version: String
  let path: String

  /// The versions of every model of a repository; `NAME/model.yaml` without versions is version 1.
  static func all(in repository: String) throws(Fault) -> [String: [VersionFolder]] {
    var found: [String: [VersionFolder]] = [:]
    for name in try Disk.list(repository) where Disk.kind(of: "\(repository)/\(name)") == .folder {
      let versions = try all(of: name, in: repository)
      if !versions.isEmpty { found[name] = versions }
    }
    return found
  }

  static func all(of model: String, in repository: String) throws(Fault) -> [VersionFolder] {
    let folder = "\(repository)/\(model)"
    guard isName(model), Disk.kind(of: folder) == .folder else { return [] }
    if Disk.kind(of: "\(folder)/\(Manifest.fileName)") == .file {
      return [VersionFolder(model: model, version: "1", path: folder)]
    }
    return try Disk.list(folder)
      .filter { isName($0) && Disk.kind(of: "\(folder)/\($0)") == .folder }
      .map { VersionFolder(model: model, version: $0, path: "\(folder)/\($0)") }
  }

  /// Letters, digits, `-`, `_` and `.`, which does not stand in front: safe in paths, addresses and metrics.
  static func isName(_ text: String) -> Bool {
    !text.isEmpty && text.utf8.count <= 128 && text.first != "."
      && text.utf8.allSatisfy {
        switch $0 {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
          UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
          true
        default: false
        }
      }
  }

  var hasManifest: Bool { Disk.kind(of: "\(path)/\(Manifest.fileName)") == .file }

  /// The one network in a folder without a manifest.
  func network() throws(Fault) -> String {
    let names = try Disk.list(path)
    let usual = ["model.onnx", "model.xml", "model.pdmodel", "model.tflite", "model.pb", "model.savedmodel"]
    if let name = usual.first(where: names.contains) { return "\(path)/\(name)" }
    let networks = names.filter { name in
      ["onnx", "xml", "pdmodel", "tflite", "pb"].contains(name.split(separator: ".").last.map(String.init) ?? "")
    }
    guard networks.count == 1 else {
      let what = networks.isEmpty ? "no network" : "several networks (\(networks.joined(separator: ", ")))"
      throw Fault(
        .notFound, "\(path) holds \(what) and no \(Manifest.fileName): put one network there, such as model.onnx")
    }
    return "\(path)/\(networks[0])"
  }
}

/// Orders versions as people count: 2 before 10, numbers before words.
func isOlder(_ left: String, _ right: String) -> Bool {
  switch (Int(left), Int(right)) {
  case (let left?, let right?): left < right
  case (nil, nil): left < right
  case (let number, _): number != nil
  }
}
