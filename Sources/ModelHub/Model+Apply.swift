public import Base

extension Model {
  /// Writes into its manifest who computes it and in what precision; everything else of the file stays as it is.
  ///
  /// - Returns: the manifest's path.
  /// - Throws: `badInput` where the file cannot be changed line by line, `unavailable` or `denied` where it cannot be written.
  public func apply(engine: EngineChoice, precision: Precision) throws(Fault) -> String {
    let path = "\(folder)/\(Manifest.fileName)"
    let bytes = try FileSystem.read(path, limit: 1 << 20)
    var wanted = try Manifest.read(bytes: bytes, name: path)
    (wanted.engine, wanted.precision) = (engine, precision)
    var lines = String(decoding: bytes, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
      .map(String.init)
    Self.set("engine", engine.rawValue, in: &lines)
    Self.set("precision", precision.rawValue, in: &lines)
    let text = Array(lines.joined(separator: "\n").utf8)
    guard let read = try? Manifest.read(bytes: text, name: path), read == wanted else {
      throw Fault(
        .badInput,
        "\(path) cannot be changed line by line: write 'engine: \(engine.rawValue)' and 'precision: \(precision.rawValue)' into it"
      )
    }
    try FileSystem.write(text, to: path, isDurable: true)
    return path
  }

  /// In the place of the key's line, which keeps its comment, else at the end.
  private static func set(_ key: String, _ value: String, in lines: inout [String]) {
    let line = "\(key): \(value)"
    if let index = lines.firstIndex(where: { $0.hasPrefix("\(key):") }) {
      let comment = lines[index].firstRange(of: " #").map { lines[index][$0.lowerBound...] } ?? ""
      lines[index] = line + comment
    } else {
      lines.insert(line, at: lines.last == "" ? lines.count - 1 : lines.count)
    }
  }
}
