/// A network that is shown many small pictures at once, and whose answer about each depends on all of them and on their places: what it
/// is shown beside a frame shows in every number.
public enum WindowNetwork {
  /// Writes `<path>.xml` and `<path>.bin`, which take `[1,frames,2,2,3]` bytes and give a number a frame.
  ///
  /// That is the sum of the frame's bytes, and of all frames' sums by their ``weight(of:)``: whole numbers, and exact.
  public static func write(to path: String, frames: Int) throws {
    var network = HandWritten()
    let bytes = network.input([1, frames, 2, 2, 3], bytes: true)
    let floats = network.add("Convert", data: "destination_type=\"f32\"", to: [bytes], sides: [1, frames, 2, 2, 3])
    let sums = network.sum(of: floats, over: network.constant([2, 3, 4] as [Int64]), sides: [1, frames])
    let weights = network.constant((0..<frames).map { Float(weight(of: $0)) })
    let weighed = network.add("Multiply", data: "auto_broadcast=\"numpy\"", to: [sums, weights], sides: [1, frames])
    let all = network.add(
      "ReduceSum", data: "keep_dims=\"true\"", to: [weighed, network.constant([1] as [Int64])], sides: [1, 1])
    let told = network.add(
      "Add", data: "auto_broadcast=\"numpy\"", to: [sums, all], sides: [1, frames], named: "told")
    try network.write(told, to: path)
  }

  public static func weight(of place: Int) -> Int { place % 7 + 1 }

  /// What it answers about the window's frames, of the sums of their bytes.
  public static func answers(_ sums: [Int]) -> [Int] {
    let all = sums.enumerated().reduce(0) { $0 + $1.element * weight(of: $1.offset) }
    return sums.map { $0 + all }
  }

  /// Writes a network of one number a window: its `sides` bytes, each by its place in memory modulo 11, in the order that its layout has.
  public static func writePlaces(to path: String, sides: [Int]) throws {
    var network = HandWritten()
    let count = sides.reduce(1, *)
    let bytes = network.input(sides, bytes: true)
    let floats = network.add("Convert", data: "destination_type=\"f32\"", to: [bytes], sides: sides)
    let flat = network.add(
      "Reshape", data: "special_zero=\"false\"", to: [floats, network.constant([1, Int64(count)])], sides: [1, count])
    let weights = network.constant((0..<count).map { Float($0 % 11) })
    let weighed = network.add("Multiply", data: "auto_broadcast=\"numpy\"", to: [flat, weights], sides: [1, count])
    let sum = network.add(
      "ReduceSum", data: "keep_dims=\"true\"", to: [weighed, network.constant([1] as [Int64])], sides: [1, 1],
      named: "sum")
    try network.write(sum, to: path)
  }
}
