public import Base

/// Where a picture stands in the network's input (stretched, letterboxed, cropped), so that boxes can be taken back.
public struct Placement: Sendable, Hashable {
  /// The network's input, in pixels.
  public let network: Size
  /// The part of the upright picture that is used, in its own pixels.
  public let source: Rect
  /// The part of the network's input it fills, in whole pixels.
  public let target: Rect
  let picture: Size

  /// Scaled sides are rounded to the nearest pixel and are never empty.
  public init(picture: Size, network: Size, recipe: InputRecipe) {
    self.init(picture: picture, region: picture.rect, network: network, recipe: recipe)
  }

  /// For a network that is shown a part of the picture, `region`, in upright pixels, not empty.
  public init(picture: Size, region: Rect, network: Size, recipe: InputRecipe) {
    (self.picture, self.network) = (picture, network)
    let (pw, ph) = (region.width, region.height)
    let (nw, nh) = (Double(network.width), Double(network.height))
    switch recipe.resize {
    case .stretch where recipe.interpolation != .halving, .crop where recipe.interpolation != .halving:
      source = region.grid(network, recipe)
      target = Rect(x: 0, y: 0, width: nw, height: nh)
    case .stretch:
      source = region.middle(recipe.crop)
      target = Rect(x: 0, y: 0, width: nw, height: nh)
    case .letterbox:
      let factor = min(nw / pw, nh / ph)
      let (w, h) = (max(1, (pw * factor).rounded()), max(1, (ph * factor).rounded()))
      let centred = recipe.anchor == .center
      source = region
      target = Rect(
        x: centred ? ((nw - w) / 2).rounded(.down) : 0, y: centred ? ((nh - h) / 2).rounded(.down) : 0,
        width: w, height: h)
    case .crop:
      let factor = max(nw / pw, nh / ph)
      let (w, h) = (min(pw, nw / factor), min(ph, nh / factor))
      source = Rect(x: region.x + (pw - w) / 2, y: region.y + (ph - h) / 2, width: w, height: h).middle(recipe.crop)
      target = Rect(x: 0, y: 0, width: nw, height: nh)
    }
  }

  /// From network pixels to fractions of the picture; what stands outside the picture is kept outside.
  public func toPicture(x: Double, y: Double) -> (x: Double, y: Double) {
    (
      (source.x + (x - target.x) / target.width * source.width) / Double(picture.width),
      (source.y + (y - target.y) / target.height * source.height) / Double(picture.height)
    )
  }

  /// From a box in network pixels to fractions of the picture, clipped to the picture.
  public func toPicture(_ box: Rect) -> Rect {
    let (left, top) = toPicture(x: box.x, y: box.y)
    let (right, bottom) = toPicture(x: box.right, y: box.bottom)
    return Rect(left: left, top: top, right: right, bottom: bottom).clipped(to: .unit)
  }
}

extension Placement {
  /// The whole picture in network pixels; reaches outside the network where the picture was cropped.
  var wholePicture: Rect {
    let scale = (x: target.width / source.width, y: target.height / source.height)
    return Rect(
      x: target.x - source.x * scale.x, y: target.y - source.y * scale.y,
      width: Double(picture.width) * scale.x, height: Double(picture.height) * scale.y)
  }
}

extension Rect {
  /// The middle, as the tools have it by which networks are trained: all is scaled to whole pixels, and so many whole pixels are cut from those.
  ///
  /// What the sides are scaled to is rounded to the nearest whole number, of two the even one, and the place of the cut is rounded down.
  fileprivate func grid(_ network: Size, _ recipe: InputRecipe) -> Rect {
    let (w, h) = (Double(network.width), Double(network.height))
    var scaled = (width: (w / recipe.crop).rounded(), height: (h / recipe.crop).rounded())
    if recipe.resize == .crop {
      let factor = max(scaled.width / width, scaled.height / height)
      scaled = ((width * factor).rounded(.toNearestOrEven), (height * factor).rounded(.toNearestOrEven))
    }
    let (left, top) = (((scaled.width - w) / 2).rounded(.down), ((scaled.height - h) / 2).rounded(.down))
    let (x, y) = (width / scaled.width, height / scaled.height)
    return Rect(x: self.x + left * x, y: self.y + top * y, width: w * x, height: h * y)
  }

  /// The middle of it, with so great a share of each side.
  fileprivate func middle(_ share: Double) -> Rect {
    guard share < 1 else { return self }
    return Rect(
      x: x + width * (1 - share) / 2, y: y + height * (1 - share) / 2, width: width * share, height: height * share)
  }
}
