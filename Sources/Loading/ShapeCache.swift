internal import Base
internal import Crypto
internal import ModelHub

/// Inputs and outputs of a network file.
struct NetworkShapes: Hashable {
  var inputs: [TensorSpec]
  var outputs: [TensorSpec]
}

/// Shapes of network files, kept from one run to the next: reading a network to guess what it is for takes longer than
/// running it.
struct ShapeCache {
  private let folder: String?

  /// `nil` keeps nothing.
  init(_ folder: String?) { self.folder = folder }

  /// What was kept for files of these digests, else what `read` says, which is kept where the folder can be written to.
  func shapes(
    of files: [Manifest.File], read: () throws(Fault) -> NetworkShapes
  ) throws(Fault) -> NetworkShapes {
    guard let folder, !files.isEmpty else { return try read() }
    let name = SHA256.hex(of: Array((["ridley-shapes-2"] + files.map { $0.sha256 ?? "" }).joined(separator: "\n").utf8))
    let path = "\(folder)/\(name).shapes"
    if let bytes = try? FileSystem.read(path, limit: 1 << 20), let known = Self.shapes(in: bytes) { return known }
    let shapes = try read()
    try? FileSystem.write(Self.bytes(of: shapes), to: path)
    return shapes
  }

  static func bytes(of shapes: NetworkShapes) -> [UInt8] {
    let text = Array(shapes.text.utf8)
    return text + Array("\n\(SHA256.hex(of: text))".utf8)
  }

  /// Their digest stands in the last line: a bit that the disk lost is no shape.
  private static func shapes(in bytes: [UInt8]) -> NetworkShapes? {
    let text = Array(bytes.dropLast(65))
    guard bytes.count > 65, SHA256.hex(of: text).utf8.elementsEqual(bytes.suffix(64)) else { return nil }
    return NetworkShapes(text: String(decoding: text, as: UTF8.self))
  }
}

extension NetworkShapes {
  /// One port a line: side, type, dimensions with `?` for open ones, name; then a line that says the file is whole.
  var text: String {
    let lines = [("input", inputs), ("output", outputs)].flatMap { side, specs in
      specs.map { spec in
        let shape = spec.shape.map { $0.map(String.init) ?? "?" }.joined(separator: ",")
        return [side, spec.element.rawValue, shape, spec.name].joined(separator: "\t")
      }
    }
    return (lines + ["end \(lines.count)"]).joined(separator: "\n")
  }

  /// `nil` for anything but what ``text`` makes, such as that of a network with line ends in its names.
  init?(text: String) {
    var lines = text.split(separator: "\n", omittingEmptySubsequences: false)
    guard lines.popLast() == "end \(lines.count)" else { return nil }
    (inputs, outputs) = ([], [])
    for line in lines {
      let parts = line.split(separator: "\t", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 4, let element = ElementType(rawValue: parts[1]) else { return nil }
      let sides = parts[2].split(separator: ",")
      let shape = sides.map { Int($0) }
      guard zip(sides, shape).allSatisfy({ $0 == "?" || $1 != nil }) else { return nil }
      let spec = TensorSpec(name: parts[3], shape: shape, element: element)
      switch parts[0] {
      case "input": inputs.append(spec)
      case "output": outputs.append(spec)
      default: return nil
      }
    }
  }
}
