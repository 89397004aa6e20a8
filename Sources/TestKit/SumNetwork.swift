/// A network that adds up what it is given, so that every input has an answer of its own.
public enum SumNetwork {
  /// Writes `<path>.xml` and `<path>.bin`: the sum over all but the first side of `[?,2,2,3]`.
  public static func write(to path: String) throws {
    var network = HandWritten()
    let input = network.input([-1, 2, 2, 3])
    let sum = network.sum(of: input, over: network.constant([1, 2, 3] as [Int64]), sides: [-1], named: "sum")
    try network.write(sum, to: path)
  }
}

extension HandWritten {
  mutating func sum(of input: Output, over axes: Output, sides: [Int], named name: String? = nil) -> Output {
    add("ReduceSum", data: "keep_dims=\"false\"", to: [input, axes], sides: sides, named: name)
  }

  mutating func most(of input: Output, over axes: Output, named name: String? = nil) -> Output {
    add("ReduceMax", data: "keep_dims=\"false\"", to: [input, axes], sides: [], named: name)
  }
}
