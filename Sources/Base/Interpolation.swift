/// How the pixels of a scaled picture come out of those of the decoded one.
public enum Interpolation: String, Sendable, Hashable, CaseIterable {
  /// Halved as often as fits, and bilinear for the rest: the quickest (docs/decisions/scale-by-halving.md).
  case halving
  /// A triangle over all samples that it covers, as Pillow and torchvision (antialiased) have it, to the bit where rows come first.
  case bilinear
  /// Their cubic of a = -0.5, likewise.
  case bicubic
  /// As FFmpeg's scaler makes RGB unless it is told otherwise: bicubic of its own, and its own rounding of colours.
  case ffmpeg
}
