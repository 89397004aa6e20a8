import Base
import Inference
import TestKit
import Testing

/// What is put in front of a network that takes pictures, held against OpenVINO's own graph of it.
struct PictureTests {
  struct Recipe: Sendable, CustomStringConvertible {
    let element: ONNXNetwork.Element
    let channels: Int
    let isFirst: Bool
    let mean: [Float]
    let scale: [Float]

    var description: String { "\(element), \(channels), \(isFirst ? "nchw" : "nhwc"), \(mean), \(scale)" }
  }

  static let imagenet: ([Float], [Float]) = ([123.675, 116.28, 103.53], [58.395, 57.12, 57.375])
  static let recipes: [Recipe] = [ONNXNetwork.Element.float, .uint8, .int8, .int32, .int64].flatMap { element in
    [true, false].flatMap { isFirst in
      [
        Recipe(element: element, channels: 3, isFirst: isFirst, mean: [], scale: []),
        Recipe(element: element, channels: 3, isFirst: isFirst, mean: [128, 128, 128], scale: []),
        Recipe(element: element, channels: 3, isFirst: isFirst, mean: [], scale: [2, 4, 8]),
        Recipe(element: element, channels: 3, isFirst: isFirst, mean: imagenet.0, scale: imagenet.1),
        Recipe(element: element, channels: 1, isFirst: isFirst, mean: [127.5], scale: [127.5]),
      ]
    }
  }

  @Test("Every byte becomes in every channel what OpenVINO's graph makes of it", arguments: recipes)
  func bytes(_ recipe: Recipe) throws {
    let lab = try Lab()
    let (width, height) = (16, 16)
    let sides = recipe.isFirst ? [recipe.channels, height, width] : [height, width, recipe.channels]
    var network = ONNXNetwork()
    network.input("x", recipe.element, [.fixed(1)] + sides.map { .fixed($0) })
    network.output("y", recipe.element, [.fixed(1)] + sides.map { .fixed($0) })
    network.node("Identity", ["x"], ["y"])
    let picture = (0..<256).flatMap { pixel in (0..<recipe.channels).map { UInt8((pixel + 85 * $0) % 256) } }
    let answers = try [EngineChoice.openvino, .onnxruntime].map { choice in
      let made = try lab.compile(network, by: choice) { options in
        options.picture = PictureInput(
          width: width, height: height, channels: recipe.channels, channelsFirst: recipe.isFirst, mean: recipe.mean,
          scale: recipe.scale)
      }
      #expect(made.inputs.map(\.description) == ["x UINT8 [1,16,16,\(recipe.channels)]"])
      return try run(made, [picture])
    }
    guard recipe.element == .float else { return #expect(answers[0].bytes == answers[1].bytes) }
    // OpenVINO multiplies by what is nearest to one over the scale, and subtracts afterwards: near the mean little is left.
    for (some, other) in zip(answers[0].values(as: Float.self), answers[1].values(as: Float.self)) {
      #expect(abs(some - other) <= 1e-6 * max(1, abs(some)))
    }
  }

  @Test("Pictures of a batch stand each in its own place")
  func batch() throws {
    var network = ONNXNetwork()
    network.input("x", .float, [.open("N"), .fixed(3), .fixed(2), .fixed(2)])
    network.output("y", .float, [.open("N"), .fixed(3), .fixed(2), .fixed(2)])
    network.node("Identity", ["x"], ["y"])
    let made = try Lab().compile(network) { options in
      options.batch = 4
      options.picture = PictureInput(width: 2, height: 2, channels: 3, channelsFirst: true)
    }
    let pictures = (0..<36).map { UInt8($0) }
    let found = try run(made, [pictures], rows: 3).values(as: Float.self)
    var wanted: [Float] = []
    for row in 0..<3 {
      for channel in 0..<3 { for pixel in 0..<4 { wanted.append(Float(row * 12 + pixel * 3 + channel)) } }
    }
    #expect(found == wanted)
  }
}
