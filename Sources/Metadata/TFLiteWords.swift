internal import Base
internal import NetworkFormats

/// What a TensorFlow Lite file says of its tensors, in its own tables, in the metadata behind them, and in the files that
/// are appended to it.
///
/// Field numbers are those of `schema.fbs` (TensorFlow Lite) and `metadata_schema.fbs` (tflite-support).
struct TFLiteWords {
  struct Tensor {
    let name: String
    let quantization: TensorSpec.Quantization?
    let sides: [Int]
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

  /// Of one list: more than words ever have.
  private static let mostEntries = 100_000
  private static let exporterFiles = ["metadata.json", "temp_meta.txt", "meta.txt"]

  init(_ file: FileWindow) throws(Damaged) {
    let tables = FlatTables(file: file, most: Self.mostEntries)
    let model = try tables.root
    if let graph = try tables.list(model, field: 2).first {
      let all = try tables.list(graph, field: 0)
      (inputs, outputs) = (try Self.tensors(tables, graph, side: 1, all), try Self.tensors(tables, graph, side: 2, all))
    }
    for entry in try tables.list(model, field: 6) where try tables.text(entry, field: 0) == "TFLITE_METADATA" {
      let buffers = try tables.list(model, field: 4)
      let index = try tables.number(entry, field: 1, bytes: 4)
      guard buffers.indices.contains(index), let bytes = try tables.range(buffers[index], field: 0) else { continue }
      try readMetadata(tables, at: bytes.lowerBound)
    }
    try readAppended(file)
  }

  private static func tensors(
    _ tables: FlatTables, _ graph: Int, side: Int, _ all: [Int]
  ) throws(Damaged) -> [Tensor] {
    var found: [Tensor] = []
    for index in try tables.integers(graph, field: side) where all.indices.contains(index) {
      let tensor = all[index]
      var quantization: TensorSpec.Quantization?
      if let table = try tables.table(tensor, field: 4), let scale = try tables.firstFloat(table, field: 2),
        scale > 0, scale.isFinite
      {
        quantization = TensorSpec.Quantization(scale: scale, zero: Float(try tables.firstLong(table, field: 3) ?? 0))
      }
      found.append(
        Tensor(
          name: try tables.text(tensor, field: 3), quantization: quantization,
          sides: try tables.integers(tensor, field: 0)))
    }
    return found
  }

  /// `base` is where the metadata's own tables begin, inside the bytes of a buffer.
  private mutating func readMetadata(_ tables: FlatTables, at base: Int) throws(Damaged) {
    guard tables.file.holds("M001", at: base + 4) else { return }
    let model = try tables.offset(at: base)
    guard let graph = try tables.list(model, field: 3).first else { return }
    if let input = try tables.list(graph, field: 2).first {
      // 1 of `ProcessUnitOptions` is `NormalizationOptions`, 2 of `ContentProperties` is `ImageProperties`.
      for unit in try tables.list(input, field: 4) where try tables.number(unit, field: 0, bytes: 1) == 1 {
        guard let options = try tables.table(unit, field: 1) else { continue }
        (mean, deviation) = (try tables.floats(options, field: 0), try tables.floats(options, field: 1))
      }
      if let content = try tables.table(input, field: 3), try tables.number(content, field: 0, bytes: 1) == 2,
        let image = try tables.table(content, field: 1)
      {
        isGray = try tables.number(image, field: 0, bytes: 1) == 2
      }
    }
    for output in try tables.list(graph, field: 3) {
      for entry in try tables.list(output, field: 6)
      where [2, 3].contains(try tables.number(entry, field: 2, bytes: 1)) {
        labelFiles.append(try tables.text(entry, field: 0))
      }
    }
  }

  private mutating func readAppended(_ file: FileWindow) throws(Damaged) {
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
