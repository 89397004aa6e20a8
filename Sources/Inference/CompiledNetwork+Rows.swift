public import Base

/// Whether the first side of a network's inputs is a batch: rows that know nothing of each other.
extension CompiledNetwork {
  /// Runs two rows together and each of them alone, and compares what comes out.
  ///
  /// A network may leave its first side open and sum, sort or normalise along it; put together with another's row, a row would be
  /// answered with something else. Nothing in the file tells.
  ///
  /// - Throws: `unsupported` where an answer depends on the other row. A network that does not run on numbers of any kind tells nothing.
  public func checkRows() throws(Fault) {
    guard batch > 1 else { return }
    do throws(Fault) { try compareRows() } catch { if error.kind != .unavailable { throw error } }
  }

  private func compareRows() throws(Fault) {
    var dice = ProbeDice()
    let rows = (0..<2).map { _ in inputs.map { dice.row(of: $0) } }
    let slot = try runner(copy: 0)
    var alone: [[[Float]]] = []
    for row in rows { alone.append(try run([row], on: slot)[0]) }
    // In both orders: a network that sorts its rows leaves one of them as it is.
    for order in [[0, 1], [1, 0]] {
      let together = try run(order.map { rows[$0] }, on: slot)
      for (place, row) in order.enumerated() {
        for (index, spec) in outputs.enumerated() where !isNear(together[place][index], alone[row][index]) {
          throw Fault(
            .unsupported,
            "the rows of a batch change each other's answers in output '\(spec.name)', so the first side of its inputs is no batch: run this network with batch 1, or export it with that side fixed"
          )
        }
      }
    }
  }

  /// Numbers of each row's outputs; those of whole numbers only where arithmetic is full, else rounding chooses among near ones.
  private func run(_ rows: [[[UInt8]]], on slot: CopyRunner.Engine) throws(Fault) -> [[[Float]]] {
    let bytes = inputs.indices.map { input in SharedBytes(rows.flatMap { $0[input] }) }
    let answer = try slot.run(bytes, rows: rows.count)
    defer { withExtendedLifetime(bytes) {} }
    return rows.indices.map { row in
      let outputs = answer[row]
      return outputs.specs.indices.map { index in
        let isFloat = [.f32, .f16, .bf16].contains(outputs.specs[index].element)
        guard isFloat || precision == "f32" else { return [] }
        return outputs.withFloats(index) { floats in floats.indices.map { floats[$0] } }
      }
    }
  }

  /// All but one in a hundred within what another order of additions changes: rounding may turn a few over.
  private func isNear(_ some: [Float], _ others: [Float]) -> Bool {
    guard some.count == others.count else { return false }
    let finite = others.filter(\.isFinite)
    guard let low = finite.min(), let high = finite.max() else { return true }
    let slack = max(high - low, max(abs(low), abs(high))) * (precision == "f32" ? 1e-3 : 0.05)
    let far = zip(some, others).count { abs($0 - $1) > slack || $0.isNaN != $1.isNaN }
    return far * 100 <= some.count
  }
}
