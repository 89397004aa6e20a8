internal import Base
internal import Inference
internal import Serving

extension TensorCall {
  /// Bytes of outputs that are copied to be looked into; more is not compared.
  private static let mostBytes = 16 << 20
  /// Of a first output whose rows are looked into.
  private static let fewBytes = 64 << 10

  /// What was answered is counted where the call went by a roll-out, and asked of the other version as well where that was drawn.
  func note(_ outputs: Outputs, _ route: RoutedVersion) {
    guard route.isCounted else { return }
    let wantsShadow = route.shadow != nil
    let mine = outputs.copies(most: wantsShadow ? Self.mostBytes : Self.fewBytes)
    route.count(mine)
    guard wantsShadow else { return }
    guard !mine.isEmpty else { return route.countShadow(isDropped: true) }
    // What was answered is kept beside what is asked until both are compared.
    let byteCount = inputs.reduce(0) { $0 + $1.count } + mine.reduce(0) { $0 + $1.bytes.count }
    route.askShadow(byteCount: byteCount) { [inputs, rows, shapes] other, done in
      guard (try? Self.check(inputs, shapes, of: other)) != nil else {
        route.countShadow(isDropped: false)
        return done()
      }
      let ask = InferenceRequest(inputs, rows: rows, source: "shadow", deadline: Clock.now + Self.patience) {
        outcome, _ in
        if case .answered(let outputs) = outcome {
          route.countShadow(mine, outputs.copies(most: Self.mostBytes))
        } else {
          route.countShadow(isDropped: false)
        }
        done()
      }
      do throws(AdmissionRefusal) { try other.submit(ask) } catch {
        route.countShadow(isDropped: error.fault.kind == .exhausted)
        done()
      }
    }
  }

  /// Nanoseconds that a version may take that nobody waits for.
  private static let patience: UInt64 = 20_000_000_000
}

extension Outputs {
  /// All outputs, copied; none where they are more bytes than that.
  fileprivate func copies(most: Int) -> CopiedTensors {
    let specs = specs
    let counts = specs.indices.map { index in withBytes(index) { $0.byteCount } }
    guard counts.reduce(0, +) <= most else { return [] }
    return specs.indices.map { index in
      (specs[index], withBytes(index) { bytes in bytes.withUnsafeBytes { [UInt8]($0) } })
    }
  }
}
