/// The numbers that the built-in method decides by, as `bench/analysers/shots` measured them on clips other than those it is tried on.
struct ShotTuning: Sendable, Hashable {
  /// Steps of luma that every cut has.
  var leastCut: Float = 10
  /// How many times the change around it a cut has beside.
  var cutOverMotion: Float = 3
  /// Pictures that are as alike as this, whatever their light, are no two shots.
  var alike: Float = 0.92
  /// Share of a flash's rise that may be left when it is over.
  var flashRest: Float = 0.4
  /// Steps of luma that stand at a gradual transition's score of 0.5, when it is a clean mixture.
  var gradual: Float = 15
  /// How far from a mixture of its ends the frames of a gradual transition may lie.
  var offLine: Float = 0.3
  /// Least share of the picture that a gradual transition changes.
  var changed: Float = 0.48
  /// The ends of a gradual transition are less alike than this.
  var gradualAlike: Float = 0.82

  /// Steps of luma, or of chroma, by which its ends differ beside being lighter or darker as a whole.
  var otherPicture: Float = 6
  /// Pace of change outside of a gradual transition, as a share of that inside, from which on it is none.
  var pan: Float = 1.3

  /// Frames from one end of a gradual transition to the other.
  static let lengths = [3, 4, 5, 7, 9, 12, 16, 21, 28, 37, 49, 65, 85]
  /// Frames on each side that a cut is compared with.
  static let around = 6
  /// Frames until a cut is decided: until a flash would be over.
  static let lookahead = 16
  /// Frames after a gradual transition that it is compared with.
  static let context = 21
  /// Less is no cut, whatever the threshold, and no flash.
  static let leastScore: Float = 0.35
  /// Seconds that a flash takes at most.
  static let flash = 0.25
}
