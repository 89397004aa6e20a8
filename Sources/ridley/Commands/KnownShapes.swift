import Base
import ModelHub

/// Inputs and outputs of a network file, kept from one run to the next: reading a network to guess what it is for takes
/// longer than running it.
struct KnownShapes: Equatable {
  var inputs: [TensorSpec]
  var outputs: [TensorSpec]

  /// What was kept for files of these digests, else what `read` says, which is kept where `folder` can be written to.
  static func of(
    _ files: [Manifest.File], in folder: String?, read: () throws(Fault) -> KnownShapes
  ) throws(Fault) -> KnownShapes {
    guard let folder, let digest = files.first?.sha256 else { return try read() }
    let path =
      "\(folder)/\(([digest] + files.dropFirst().map { String($0.sha256.prefix(16)) }).joined(separator: "-").prefix(200)).shapes"
    if let text = try? Disk.read(path, limit: 1 << 20), let known = KnownShapes(String(decoding: text, as: UTF8.self)) {
      return known
    }
    let shapes = try read()
    try? Disk.write(Array(shapes.text.utf8), to: path)
    return shapes
  }

  init(inputs: [TensorSpec], outputs: [TensorSpec]) { (self.inputs, self.outputs) = (inputs, outputs) }

  /// One port a line: side, type, dimensions with `?` for open ones, name; then a line that says the file is whole.
  private var text: String {
    let lines = [("input", inputs), ("output", outputs)].flatMap { side, specs in
      specs.map { spec in
        let shape = spec.shape.map { $0.map(String.init) ?? "?" }.joined(separator: ",")
        return [side, spec.element.rawValue, shape, spec.name].joined(separator: "\t")
      }
    }
    return (lines + ["end \(lines.count)"]).joined(separator: "\n")
  }

  /// `nil` for anything but what ``text`` makes, such as that of a network with line ends in its names.
  init?(_ text: String) {
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
      if parts[0] == "input" { inputs.append(spec) } else { outputs.append(spec) }
    }
  }
}
