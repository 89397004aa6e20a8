/// A network that doubles and adds up what it is given, and cannot run where the largest number of the whole batch is above 6: it
/// reshapes the twelve numbers of an input to two rows of so many, of 6 at least, and multiplies each by six numbers.
public enum PickyNetwork {
  /// Writes `<path>.xml` and `<path>.bin`.
  public static func write(to path: String) throws {
    var network = HandWritten()
    let input = network.input([-1, 2, 2, 3])
    let most = network.most(of: input, over: network.constant([0, 1, 2, 3] as [Int64]))
    let atLeast = network.constant([6] as [Float])
    let largest = network.add("Maximum", data: "auto_broadcast=\"numpy\"", to: [most, atLeast], sides: [1])
    let columns = network.add("Convert", data: "destination_type=\"i64\"", to: [largest], type: "I64", sides: [1])
    // The first side stays what it is.
    let shape = network.add(
      "Concat", data: "axis=\"0\"", to: [network.constant([0, 2] as [Int64]), columns], type: "I64", sides: [3])
    let rows = network.add("Reshape", data: "special_zero=\"true\"", to: [input, shape], sides: [-1, 2, -1])
    let six = network.constant([Float](repeating: 2, count: 6))
    let doubled = network.add("Multiply", data: "auto_broadcast=\"numpy\"", to: [rows, six], sides: [-1, 2, -1])
    let sum = network.add(
      "ReduceSum", data: "keep_dims=\"false\"", to: [doubled, network.constant([1, 2] as [Int64])], sides: [-1],
      named: "sum")
    try network.write(sum, to: path)
  }
}
