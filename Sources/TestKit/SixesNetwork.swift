/// A network that doubles and adds up the bytes of a picture of 2 by 2 pixels, and cannot run where the largest of them is not 6: it
/// reshapes its twelve numbers to two rows of so many, and multiplies each by six numbers.
public enum SixesNetwork {
  /// Writes `<path>.xml` and `<path>.bin`.
  public static func write(to path: String) throws {
    var network = HandWritten()
    let bytes = network.input([1, 2, 2, 3], bytes: true)
    let floats = network.add("Convert", data: "destination_type=\"f32\"", to: [bytes], sides: [1, 2, 2, 3])
    let most = network.most(of: floats, over: network.constant([0, 1, 2, 3] as [Int64]))
    let whole = network.add("Convert", data: "destination_type=\"i64\"", to: [most], type: "I64", sides: [])
    let columns = network.add("Unsqueeze", to: [whole, network.constant([0] as [Int64])], type: "I64", sides: [1])
    let shape = network.add(
      "Concat", data: "axis=\"0\"", to: [network.constant([2] as [Int64]), columns], type: "I64", sides: [2])
    let rows = network.add("Reshape", data: "special_zero=\"false\"", to: [floats, shape], sides: [2, -1])
    let six = network.constant([Float](repeating: 2, count: 6))
    let doubled = network.add("Multiply", data: "auto_broadcast=\"numpy\"", to: [rows, six], sides: [2, -1])
    let axes = network.constant([0, 1] as [Int64])
    let sum = network.add(
      "ReduceSum", data: "keep_dims=\"true\"", to: [doubled, axes], sides: [1, 1], named: "sum")
    try network.write(sum, to: path)
  }
}
