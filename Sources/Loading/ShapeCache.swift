internal import Base
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
    guard let folder, let digest = files.first?.sha256 else { return try read() }
    let name = ([digest] + files.dropFirst().map { String($0.sha256.prefix(16)) }).joined(separator: "-").prefix(200)
    let path = "\(folder)/\(name).shapes"
    if let text = try? FileSystem.read(path, limit: 1 << 20),
      let known = NetworkShapes(text: String(decoding: text, as: UTF8.self))
    {
      return known
    }
    let shapes = try read()
    try? FileSystem.write(Array(shapes.text.utf8), to: path)
    return shapes
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
