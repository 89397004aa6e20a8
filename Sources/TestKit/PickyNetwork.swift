/// A network that adds up what it is given and cannot run where the largest number of the whole batch is neither 0 nor 6: it
/// reshapes six numbers to as many.
public enum PickyNetwork {
  /// Writes `<path>.xml` and `<path>.bin`.
  public static func write(to path: String) throws {
    var network = HandWritten()
    let input = network.input([-1, 2, 2, 3])
    let sum = network.sum(of: input, over: network.constant([1, 2, 3] as [Int64]), sides: [-1])
    let nothing = network.nothing(where: network.most(of: input, over: network.constant([0, 1, 2, 3] as [Int64])))
    let total = network.add("Add", data: "auto_broadcast=\"numpy\"", to: [sum, nothing], sides: [-1], named: "sum")
    try network.write(total, to: path)
  }
}

extension HandWritten {
  /// 0, made of six zeros in the shape that `number` asks for.
  fileprivate mutating func nothing(where number: Output) -> Output {
    let whole = add("Convert", data: "destination_type=\"i64\"", to: [number], type: "I64", sides: [])
    let first = constant([0] as [Int64])
    let shape = add("Unsqueeze", to: [whole, first], type: "I64", sides: [1])
    let six = constant([Float](repeating: 0, count: 6))
    let reshaped = add("Reshape", data: "special_zero=\"true\"", to: [six, shape], sides: [-1])
    return sum(of: reshaped, over: first, sides: [])
  }
}
