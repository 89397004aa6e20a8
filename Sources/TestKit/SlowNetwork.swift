/// A network that multiplies two matrices of 3000 x 3000 numbers made from one: most of a second on one core.
public enum SlowNetwork {
  private static let sides = [3000, 3000]

  /// Writes `<path>.xml` and `<path>.bin`.
  public static func write(to path: String) throws {
    var network = HandWritten()
    let input = network.input([1])
    let shape = network.constant(sides.map { Int64($0) })
    let wide = network.add("Broadcast", opset: 3, data: "mode=\"numpy\"", to: [input, shape], sides: sides)
    let flags = "transpose_a=\"false\" transpose_b=\"false\""
    let product = network.add("MatMul", data: flags, to: [wide, wide], sides: sides)
    let most = network.most(of: product, over: network.constant([0, 1] as [Int64]), named: "most")
    try network.write(most, to: path)
  }
}
