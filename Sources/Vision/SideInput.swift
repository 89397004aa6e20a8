public import Base

/// An input beside the picture that tells a network how large it is: two numbers that are the same for every picture, since boxes are taken
/// back to the picture here and not in the network.
public enum SideInput: String, Sendable, CaseIterable {
  /// RT-DETR and D-FINE: width and height to which boxes are scaled.
  case originalSize = "orig_target_sizes"
  /// PaddleDetection: height and width of the picture as the network is shown it.
  case pictureShape = "im_shape"
  /// PaddleDetection: by how much height and width were scaled before.
  case scale = "scale_factor"

  /// By its name; `nil` for what is none, or has another shape than two numbers.
  public init?(_ spec: TensorSpec) {
    guard let known = Self(rawValue: spec.name), spec.shape.last == 2, spec.shape.count <= 2,
      spec.shape.dropLast().allSatisfy({ $0 == nil || $0 == 1 }),
      [.f32, .f16, .f64, .i32, .i64].contains(spec.element)
    else { return nil }
    self = known
  }

  /// What makes the network tell boxes in pixels of its own input.
  public func values(on network: Size) -> [Double] {
    switch self {
    case .originalSize: [Double(network.width), Double(network.height)]
    case .pictureShape: [Double(network.height), Double(network.width)]
    case .scale: [1, 1]
    }
  }

  /// Which of a network's inputs takes the picture: the only one that is none of these.
  public static func picture(among inputs: [TensorSpec]) -> Int? {
    let others = inputs.indices.filter { SideInput(inputs[$0]) == nil }
    return others.count == 1 ? others[0] : nil
  }
}
