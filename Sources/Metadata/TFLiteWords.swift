internal import Base

/// What a TensorFlow Lite file says of its tensors, in its own tables, in the metadata behind them, and in the files that
/// are appended to it.
///
/// Field numbers are those of `schema.fbs` (TensorFlow Lite) and `metadata_schema.fbs` (tflite-support).
struct TFLiteWords {
  struct Tensor {
    let name: String
    let quantization: TensorSpec.Quantization?
  }

  /// `NormalizationOptions` of the input.
  private(set) var (mean, deviation): ([Float], [Float]) = ([], [])
  private(set) var isGray = false
  private(set) var (inputs, outputs): ([Tensor], [Tensor]) = ([], [])
  /// Label files that outputs name.
  private(set) var labelFiles: [String] = []
  /// What an exporter wrote into an appended file.
  private(set) var exporter: [UInt8]?
  private(set) var labels: [String] = []

  private static let exporterFiles = ["metadata.json", "temp_meta.txt", "meta.txt"]

  init(_ file: borrowing FileWindow) throws(FileWindow.Damaged) {
    let model = try FlatTable.root(at: 0, in: file)
    if let graph = try model.tables(2, file).first {
      let tensors = try graph.tables(0, file)
      (inputs, outputs) = (try Self.tensors(graph, 1, tensors, file), try Self.tensors(graph, 2, tensors, file))
    }
    for entry in try model.tables(6, file) where try entry.text(0, file) == "TFLITE_METADATA" {
      let buffers = try model.tables(4, file)
      let index = try entry.number(1, file)
      guard buffers.indices.contains(index), let bytes = try buffers[index].bytes(0, file) else { continue }
      try readMetadata(at: bytes.lowerBound, file)
    }
    try readAppended(file)
  }

  private static func tensors(
    _ graph: FlatTable, _ side: Int, _ tensors: [FlatTable], _ file: borrowing FileWindow
  ) throws(FileWindow.Damaged) -> [Tensor] {
    var found: [Tensor] = []
    for index in try graph.numbers(side, file) where tensors.indices.contains(Int(index)) {
      let tensor = tensors[Int(index)]
      var quantization: TensorSpec.Quantization?
      if let table = try tensor.table(4, file), let scale = try table.floats(2, file).first, scale > 0, scale.isFinite {
        quantization = TensorSpec.Quantization(scale: scale, zero: Float(try table.firstLong(3, file) ?? 0))
      }
      found.append(Tensor(name: try tensor.text(3, file), quantization: quantization))
    }
    return found
  }

  private mutating func readMetadata(at base: Int, _ file: borrowing FileWindow) throws(FileWindow.Damaged) {
    guard file.holds("M001", at: base + 4) else { return }
    let model = try FlatTable.root(at: base, in: file)
    guard let graph = try model.tables(3, file).first else { return }
    if let input = try graph.tables(2, file).first {
      // 1 of `ProcessUnitOptions` is `NormalizationOptions`, 2 of `ContentProperties` is `ImageProperties`.
      for unit in try input.tables(4, file) where try unit.number(0, bytes: 1, file) == 1 {
        guard let options = try unit.table(1, file) else { continue }
        (mean, deviation) = (try options.floats(0, file), try options.floats(1, file))
      }
      if let content = try input.table(3, file), try content.number(0, bytes: 1, file) == 2 {
        isGray = try content.table(1, file)?.number(0, bytes: 1, file) == 2
      }
    }
    for output in try graph.tables(3, file) {
      for entry in try output.tables(6, file) where [2, 3].contains(try entry.number(2, bytes: 1, file)) {
        labelFiles.append(try entry.text(0, file))
      }
    }
  }

  private mutating func readAppended(_ file: borrowing FileWindow) throws(FileWindow.Damaged) {
    guard let archive = try ZipArchive(file) else { return }
    for entry in archive.entries {
      if Self.exporterFiles.contains(entry.name) { exporter = try archive.read(entry, in: file) }
      guard entry.name == labelFiles.first else { continue }
      let text = String(decoding: try archive.read(entry, in: file), as: UTF8.self)
      labels = text.split(omittingEmptySubsequences: false) { $0.isNewline }.map(String.init)
      while labels.last == "" { labels.removeLast() }
    }
  }
}
