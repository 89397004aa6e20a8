/// A network that adds up the bytes of a picture of 2 by 2 pixels, and so can be guessed to give a score.
public enum ByteNetwork {
  /// Writes `<path>.xml` and `<path>.bin`: the sum over `[1,2,2,3]`, with all sides kept.
  public static func write(to path: String) throws {
    var network = HandWritten()
    let bytes = network.input([1, 2, 2, 3], bytes: true)
    let floats = network.add("Convert", data: "destination_type=\"f32\"", to: [bytes], sides: [1, 2, 2, 3])
    let axes = network.constant([1, 2, 3] as [Int64])
    let sum = network.add(
      "ReduceSum", data: "keep_dims=\"true\"", to: [floats, axes], sides: [1, 1, 1, 1], named: "sum")
    try network.write(sum, to: path)
  }
}
