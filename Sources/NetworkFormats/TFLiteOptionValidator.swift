/// Looks over the options of custom operators in a TensorFlow Lite file before an engine reads them.
///
/// The engine checks the file's tables, but follows every offset inside such options; a damaged one would end the process. They are
/// a FlexBuffer.
struct TFLiteOptionValidator {
  /// Operators whose options the engine reads here; others have no options or are refused by their name.
  private static let names: Set<String> = ["TFLite_Detection_PostProcess"]
  /// More than options of a few numbers ever are.
  private static let most = 1 << 16

  let tables: FlatTables

  /// Field numbers are those of TensorFlow Lite's `schema.fbs`.
  func areSound() throws(Damaged) -> Bool {
    let model = try tables.root
    let codes = try tables.list(model, field: 1)
    var wanted: Set<Int> = []
    for (index, code) in codes.enumerated() {
      if Self.names.contains(try tables.text(code, field: 1)) { wanted.insert(index) }
    }
    guard !wanted.isEmpty else { return true }
    for graph in try tables.list(model, field: 2) {
      for node in try tables.list(graph, field: 3) {
        let code = try tables.number(node, field: 0, bytes: 4)
        guard wanted.contains(code), let place = try tables.field(5, of: node) else { continue }
        let options = try tables.bytes(of: try tables.offset(at: place), limit: Self.most)
        guard FlexMap.isSound(options) else { return false }
      }
    }
    return true
  }
}
