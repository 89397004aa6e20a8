public import Base
public import Predictions

/// Draws predictions on a picture for a person to look at: boxes, names, masks, maps, points, words.
public enum Drawing {
  /// Paints on upright RGB bytes, `size.area * 3` of them, row by row.
  ///
  /// Coordinates may be anything: what is no number is left out, what lies outside is cut off. Ten boxes take less
  /// than a millisecond at 1920x1080; a mask costs about as much as copying the picture.
  public static func draw(
    _ predictions: [Prediction], on rgb: inout [UInt8], size: Size, palette: Palette = Palette()
  ) {
    precondition(rgb.count == size.area * 3, "a picture of \(size) has \(size.area * 3) bytes, not \(rgb.count)")
    guard size.width > 0, size.height > 0 else { return }
    var canvas = Canvas(pixels: [], size: size)
    swap(&canvas.pixels, &rgb)
    let pen = Pen(size: size, palette: palette)
    for prediction in predictions {
      if let mask = prediction.mask { pen.paint(mask, pen.color(prediction), on: &canvas) }
      if let map = prediction.attention { HeatMap.paint(map, on: &canvas) }
      if let map = prediction.anomaly { pen.paint(map, in: prediction.box, on: &canvas) }
      if prediction.mapSize != nil { pen.paintMap(prediction, pen.color(prediction), on: &canvas) }
    }
    for prediction in predictions { pen.drawShape(prediction, on: &canvas) }
    for prediction in predictions { pen.drawTag(prediction, on: &canvas) }
    pen.drawCaption(predictions, on: &canvas)
    swap(&canvas.pixels, &rgb)
  }
}

/// Widths and sizes that suit one picture, and where fractions of it are in pixels.
struct Pen {
  let size: Size
  let palette: Palette
  /// Width of lines, and pixels for each pixel of the font.
  let thickness: Int
  let scale: Int

  init(size: Size, palette: Palette) {
    (self.size, self.palette) = (size, palette)
    let side = min(size.width, size.height)
    thickness = max(1, (side + 100) / 250)
    scale = max(1, (side + 360) / 540)
  }

  func color(_ prediction: Prediction) -> Palette.Color {
    palette.color(for: prediction.label ?? prediction.kind.rawValue)
  }

  /// `nil` for what is no number; otherwise at most one picture's size outside the picture.
  func pixel(_ fraction: Double, _ extent: Int) -> Int? {
    fraction.isNaN ? nil : Int((min(max(fraction, -1), 2) * Double(extent)).rounded())
  }

  func pixel(_ point: Keypoint) -> (x: Int, y: Int)? {
    guard let x = pixel(point.x, size.width), let y = pixel(point.y, size.height) else { return nil }
    return (x, y)
  }

  /// At least one pixel each way; `nil` where there is nothing to see.
  func area(_ box: Rect) -> Canvas.Area? {
    guard let x0 = pixel(box.x, size.width), let x1 = pixel(box.right, size.width),
      let y0 = pixel(box.y, size.height), let y1 = pixel(box.bottom, size.height)
    else { return nil }
    let area = Canvas.Area(
      left: min(x0, x1), top: min(y0, y1), right: max(x0, x1, min(x0, x1) + 1), bottom: max(y0, y1, min(y0, y1) + 1))
    return area.clipped(to: size) == nil ? nil : area
  }

  func drawShape(_ prediction: Prediction, on canvas: inout Canvas) {
    guard prediction.mapSize == nil else { return }
    let color = color(prediction)
    if let corners = prediction.corners { return drawOutline(corners.compactMap(pixel), color, on: &canvas) }
    if let box = prediction.box, let area = area(box) { canvas.frame(area, thickness: thickness, color) }
    guard !prediction.points.isEmpty else { return }
    if prediction.hasCells {
      for point in prediction.points { drawCrosshair(point, color, on: &canvas) }
    } else {
      drawPose(prediction.points, color, on: &canvas)
    }
  }
}
