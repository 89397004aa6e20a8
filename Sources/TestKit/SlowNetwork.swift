/// A network that multiplies matrices of 3000 x 3000 numbers made from one: most of a second on one core for each product.
public enum SlowNetwork {
  private static let sides = [3000, 3000]

  /// Writes `<path>.xml` and `<path>.bin`.
  public static func write(to path: String, products: Int = 1) throws {
    var network = HandWritten()
    let input = network.input([1])
    let shape = network.constant(sides.map { Int64($0) })
    let wide = network.add("Broadcast", opset: 3, data: "mode=\"numpy\"", to: [input, shape], sides: sides)
    let flags = "transpose_a=\"false\" transpose_b=\"false\""
    var product = wide
    for _ in 0..<products { product = network.add("MatMul", data: flags, to: [product, wide], sides: sides) }
    let most = network.most(of: product, over: network.constant([0, 1] as [Int64]), named: "most")
    try network.write(most, to: path)
  }
}
