import Base
import TestKit
import Testing
import Vision

@Suite("Placement")
struct PlacementTests {
  /// Where a point of the picture (in its pixels) lands in the network, written down from the words of the recipe.
  private func forward(_ x: Double, _ y: Double, _ picture: Size, _ network: Size, _ recipe: InputRecipe) -> (
    Double, Double
  ) {
    let (pw, ph) = (Double(picture.width), Double(picture.height))
    let (nw, nh) = (Double(network.width), Double(network.height))
    switch recipe.resize {
    case .stretch: return (x * nw / pw, y * nh / ph)
    case .letterbox:
      let scale = nw / pw < nh / ph ? nw / pw : nh / ph
      let (w, h) = (max(1, (pw * scale).rounded()), max(1, (ph * scale).rounded()))
      let middle = recipe.anchor == .center
      let (padX, padY) = (middle ? ((nw - w) / 2).rounded(.down) : 0, middle ? ((nh - h) / 2).rounded(.down) : 0)
      return (padX + x / pw * w, padY + y / ph * h)
    case .crop:
      let scale = nw / pw > nh / ph ? nw / pw : nh / ph
      return (nw / 2 + (x - pw / 2) * scale, nh / 2 + (y - ph / 2) * scale)
    }
  }

  private static let recipes = [InputRecipe(), letterbox(.center), letterbox(.topLeft), crop()]

  @Test("a share of each side is kept from the middle, as scaling further and cutting does")
  func middle() {
    var recipe = crop()
    recipe.crop = 0.875
    let placement = Placement(
      picture: Size(width: 512, height: 256), network: Size(width: 224, height: 224), recipe: recipe)
    #expect(placement.source == Rect(x: 144, y: 16, width: 224, height: 224))
    recipe.resize = .stretch
    let stretched = Placement(
      picture: Size(width: 512, height: 256), network: Size(width: 224, height: 224), recipe: recipe)
    #expect(stretched.source == Rect(x: 32, y: 16, width: 448, height: 224))
    #expect(stretched.toPicture(x: 112, y: 112) == (0.5, 0.5))
  }

  @Test("with an interpolation of others, whole pixels are cut from a picture that was scaled to whole pixels")
  func grid() {
    var recipe = crop()
    (recipe.crop, recipe.interpolation) = (0.875, .bicubic)
    let network = Size(width: 224, height: 224)
    // 500 x 375 becomes 341 x 256, of which 58 columns and 16 rows are left out before.
    let placement = Placement(picture: Size(width: 500, height: 375), network: network, recipe: recipe)
    let (x, y) = (500.0 / 341, 375.0 / 256)
    #expect(placement.source == Rect(x: 58 * x, y: 16 * y, width: 224 * x, height: 224 * y))
    recipe.resize = .stretch
    let stretched = Placement(picture: Size(width: 512, height: 256), network: network, recipe: recipe)
    #expect(stretched.source == Rect(x: 32, y: 16, width: 448, height: 224))
    recipe.crop = 1
    let whole = Placement(picture: Size(width: 500, height: 375), network: network, recipe: recipe)
    #expect(near(whole.source, [0, 0, 500, 375], 1e-9))
  }

  @Test("a box of the picture comes back from the network as it went in", arguments: recipes)
  func roundTrip(recipe: InputRecipe) {
    var dice = SeededRandom(1)
    for _ in 0..<2000 {
      let picture = Size(width: .random(in: 1...4000, using: &dice), height: .random(in: 1...4000, using: &dice))
      let network = Size(width: .random(in: 16...800, using: &dice), height: .random(in: 16...800, using: &dice))
      let placement = Placement(picture: picture, network: network, recipe: recipe)
      let xs = [Double.random(in: 0...1, using: &dice), .random(in: 0...1, using: &dice)].sorted()
      let ys = [Double.random(in: 0...1, using: &dice), .random(in: 0...1, using: &dice)].sorted()
      let (pw, ph) = (Double(picture.width), Double(picture.height))
      let (left, top) = forward(xs[0] * pw, ys[0] * ph, picture, network, recipe)
      let (right, bottom) = forward(xs[1] * pw, ys[1] * ph, picture, network, recipe)
      let back = placement.toPicture(Rect(left: left, top: top, right: right, bottom: bottom))
      #expect(near(back, [xs[0], ys[0], xs[1], ys[1]], 1e-9), "\(picture) on \(network): \(back)")
    }
  }

  @Test("stretching fills the network, whatever the aspect")
  func stretch() {
    let placement = Placement(
      picture: Size(width: 640, height: 360), network: Size(width: 320, height: 320), recipe: InputRecipe())
    #expect(placement.target == Rect(x: 0, y: 0, width: 320, height: 320))
    #expect(
      placement.toPicture(Rect(x: 160, y: 80, width: 80, height: 160))
        == Rect(x: 0.5, y: 0.25, width: 0.25, height: 0.5))
  }

  @Test("a letterboxed picture stands in the middle or in the top left corner, in whole pixels")
  func letterboxed() {
    let (picture, network) = (Size(width: 640, height: 360), Size(width: 416, height: 416))
    let middle = Placement(picture: picture, network: network, recipe: letterbox(.center))
    #expect(middle.target == Rect(x: 0, y: 91, width: 416, height: 234))
    let corner = Placement(picture: picture, network: network, recipe: letterbox(.topLeft))
    #expect(corner.target == Rect(x: 0, y: 0, width: 416, height: 234))
    // An odd rest leaves the smaller half in front.
    let odd = Placement(picture: Size(width: 100, height: 99), network: Size(width: 10, height: 7), recipe: letterbox())
    #expect(odd.target == Rect(x: 1, y: 0, width: 7, height: 7))
  }

  @Test("cropping uses the middle of the picture and fills the network")
  func cropped() {
    let placement = Placement(
      picture: Size(width: 640, height: 360), network: Size(width: 90, height: 90), recipe: crop())
    #expect(placement.source == Rect(x: 140, y: 0, width: 360, height: 360))
    #expect(placement.target == Rect(x: 0, y: 0, width: 90, height: 90))
    #expect(
      near(
        placement.toPicture(Rect(x: 0, y: 0, width: 90, height: 90)), [140, 0, 500, 360],
        of: Size(width: 640, height: 360)))
  }

  @Test("a box that reaches beyond the picture ends at its border; one in the padding alone is empty")
  func clipped() {
    let placement = Placement(
      picture: Size(width: 200, height: 100), network: Size(width: 100, height: 100), recipe: letterbox())
    #expect(placement.toPicture(Rect(x: -30, y: -30, width: 500, height: 500)) == .unit)
    #expect(placement.toPicture(Rect(x: 10, y: 0, width: 50, height: 20)).area == 0)
    #expect(
      placement.toPicture(Rect(x: 50, y: 20, width: 100, height: 30)) == Rect(x: 0.5, y: 0, width: 0.5, height: 0.5))
  }

  @Test("a point outside the picture is kept outside")
  func points() {
    let placement = Placement(
      picture: Size(width: 200, height: 100), network: Size(width: 100, height: 100), recipe: letterbox())
    let (x, y) = placement.toPicture(x: 110, y: 15)
    #expect(near(x, 1.1) && near(y, -0.2))
  }

  @Test("a picture one pixel wide keeps a pixel in the network")
  func thin() {
    let placement = Placement(
      picture: Size(width: 1, height: 4000), network: Size(width: 32, height: 32), recipe: letterbox())
    #expect(placement.target == Rect(x: 15, y: 0, width: 1, height: 32))
  }
}

struct RegionTests {
  @Test(
    "A network that is shown a part of the picture answers in coordinates of the whole",
    arguments: InputRecipe.Resize.allCases)
  func region(resize: InputRecipe.Resize) {
    var recipe = InputRecipe()
    recipe.resize = resize
    let region = Rect(x: 100, y: 50, width: 80, height: 160)
    let placement = Placement(
      picture: Size(width: 640, height: 360), region: region, network: Size(width: 64, height: 64), recipe: recipe)
    let middle = placement.toPicture(
      x: placement.target.x + placement.target.width / 2, y: placement.target.y + placement.target.height / 2)
    #expect(abs(middle.x - 140 / 640) < 1e-9)
    #expect(abs(middle.y - 130 / 360) < 1e-9)
    let box = placement.toPicture(placement.target)
    #expect(abs(box.width * 640 - placement.source.width) < 1e-9)
    #expect(placement.source.clipped(to: region) == placement.source)
  }

  @Test("The whole picture as a region is the whole picture")
  func whole() {
    let (picture, network) = (Size(width: 641, height: 359), Size(width: 96, height: 64))
    for resize in InputRecipe.Resize.allCases {
      var recipe = InputRecipe()
      recipe.resize = resize
      let region = Rect(x: 0, y: 0, width: 641, height: 359)
      #expect(
        Placement(picture: picture, region: region, network: network, recipe: recipe)
          == Placement(picture: picture, network: network, recipe: recipe))
    }
  }
}
