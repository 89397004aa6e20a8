public import Base

/// What is compared with a trunk's features: how they are brought to one scale, and those of good pictures.
public struct FeatureBank: Sendable {
  /// Features of a cell, and numbers that are compared.
  public let channels: Int
  public let width: Int
  /// `width` rows of `channels` weights, and what is added to each row's sum.
  public let weights: [Float]
  public let bias: [Float]
  /// Rows of `width` numbers.
  public let rows: [Float]
  /// The distance at which the score is half.
  public let threshold: Float
  /// Of the map of features.
  public let map: Size

  public init(
    channels: Int, weights: [Float], bias: [Float], rows: [Float], threshold: Float, map: Size
  ) {
    precondition(weights.count == bias.count * channels && rows.count % bias.count == 0)
    (self.channels, width, self.weights, self.bias) = (channels, bias.count, weights, bias)
    (self.rows, self.threshold, self.map) = (rows, threshold, map)
  }
}

extension ONNXTrunk {
  /// The trunk as a network of its own that gives the map of features; `size` is that of its input, where another is wanted.
  public func network(size: Size?) -> [UInt8] {
    model(size) { graph, _ in Self.port(&graph, layer, []) }
  }

  /// The trunk, and behind it how far each cell is from its nearest good one: outputs `pred_score`, `[N,1]`, and `anomaly_map`,
  /// `[N,1,H,W]`, as anomalib calls them; both `d / (d + threshold)` of distance `d`, so .5 is where an anomaly begins.
  ///
  /// With `w` what a cell's features become, the square of its distance to row `b` is `|w|² - 2 w·b + |b|²`, and two convolutions of one
  /// cell give that for all rows at once.
  public func network(size: Size?, comparing bank: FeatureBank) -> [UInt8] {
    model(size) { graph, batch in
      compare(bank, &graph)
      let map = [bank.map.height, bank.map.width].map { side in
        var writer = ProtobufWriter()
        writer.number(1, side)
        return writer.bytes
      }
      var one = ProtobufWriter()
      one.number(1, 1)
      Self.port(&graph, "pred_score", [batch, one.bytes])
      Self.port(&graph, "anomaly_map", [batch, one.bytes] + map)
    }
  }

  private func compare(_ bank: FeatureBank, _ graph: inout ProtobufWriter) {
    let count = bank.rows.count / bank.width
    let squares = (0..<count).map { row in
      bank.rows[row * bank.width..<(row + 1) * bank.width].reduce(0) { $0 + $1 * $1 }
    }
    Self.node(&graph, "Conv", [layer, "normal.weights", "normal.bias"], "normal/scaled")
    Self.node(&graph, "Conv", ["normal/scaled", "normal.rows", "normal.squares"], "normal/each")
    let hasAxesAsInput = head.opset >= 18
    Self.node(
      &graph, "ReduceMin", ["normal/each"] + (hasAxesAsInput ? ["normal.axes"] : []), "normal/least",
      axes: hasAxesAsInput ? nil : [1])
    Self.node(&graph, "Mul", ["normal/scaled", "normal/scaled"], "normal/squared")
    Self.node(&graph, "Conv", ["normal/squared", "normal.ones"], "normal/length")
    Self.node(&graph, "Add", ["normal/length", "normal/least"], "normal/square")
    Self.node(&graph, "Relu", ["normal/square"], "normal/positive")
    Self.node(&graph, "Sqrt", ["normal/positive"], "normal/distance")
    Self.node(&graph, "Add", ["normal/distance", "normal.threshold"], "normal/whole")
    Self.node(&graph, "Div", ["normal/distance", "normal/whole"], "anomaly_map")
    Self.node(&graph, "GlobalMaxPool", ["anomaly_map"], "normal/most")
    Self.node(&graph, "Flatten", ["normal/most"], "pred_score")
    Self.tensor(&graph, "normal.weights", [bank.width, bank.channels, 1, 1], bank.weights)
    Self.tensor(&graph, "normal.bias", [bank.width], bank.bias)
    Self.tensor(&graph, "normal.rows", [count, bank.width, 1, 1], bank.rows.map { -2 * $0 })
    Self.tensor(&graph, "normal.squares", [count], squares)
    Self.tensor(&graph, "normal.ones", [1, bank.width, 1, 1], [Float](repeating: 1, count: bank.width))
    Self.tensor(&graph, "normal.threshold", [1], [bank.threshold])
    if hasAxesAsInput {
      graph.message(5) { tensor in
        tensor.number(1, 1)
        tensor.number(2, 7)
        tensor.text(8, "normal.axes")
        tensor.bytes(9, [1, 0, 0, 0, 0, 0, 0, 0])
      }
    }
  }

  private func model(_ size: Size?, _ fill: (inout ProtobufWriter, _ batch: [UInt8]) -> Void) -> [UInt8] {
    let port = content.input.sized(size)
    var model = ProtobufWriter()
    if let version = head.version { model.number(1, Int(clamping: version)) }
    for operators in head.operators { model.bytes(8, operators) }
    model.text(2, "ridley")
    model.message(7) { graph in
      for node in content.nodes { graph.bytes(1, node) }
      graph.text(2, "normal")
      for weight in content.weights { graph.bytes(5, weight) }
      graph.bytes(11, port.bytes)
      fill(&graph, port.sides.first ?? [])
    }
    return model.bytes
  }

  private static func node(
    _ graph: inout ProtobufWriter, _ kind: String, _ inputs: [String], _ output: String, axes: [Int]? = nil
  ) {
    graph.message(1) { node in
      for input in inputs { node.text(1, input) }
      node.text(2, output)
      node.text(3, "\(kind):\(output)")
      node.text(4, kind)
      guard let axes else { return }
      node.message(5) { attribute in
        attribute.text(1, "axes")
        for axis in axes { attribute.number(8, axis) }
        attribute.number(20, 7)
      }
    }
  }

  private static func tensor(_ graph: inout ProtobufWriter, _ name: String, _ sides: [Int], _ values: [Float]) {
    graph.message(5) { tensor in
      for side in sides { tensor.number(1, side) }
      tensor.number(2, 1)
      tensor.text(8, name)
      tensor.bytes(
        9, values.flatMap { value in (0..<4).map { UInt8(truncatingIfNeeded: value.bitPattern >> (8 * $0)) } })
    }
  }

  /// An output of floats; without sides, the engine finds them.
  private static func port(_ graph: inout ProtobufWriter, _ name: String, _ sides: [[UInt8]]) {
    graph.message(12) { port in
      port.text(1, name)
      port.message(2) { type in
        type.message(1) { tensor in
          tensor.number(1, 1)
          guard !sides.isEmpty else { return }
          tensor.message(2) { shape in for side in sides { shape.bytes(1, side) } }
        }
      }
    }
  }
}
