import Pose
import Support

/// The half of the body that a crop may be narrowed to.
enum BodyHalf { case upper, lower }

/// One sample's variation in one epoch: a function of the seed, the epoch and the sample alone.
struct Variation {
  /// Within the input: turn, scale, shift and mirror.
  var map = AffineMap.identity
  var isMirrored = false
  var half: BodyHalf?
  /// Colour becomes `value * gain + offset`, in 0...255.
  var gain = SIMD3<Float>(repeating: 1)
  var offset: Float = 0
  /// Deviation of the blur's Gaussian, px of the input; 0 for none.
  var blurSigma = 0.0
  /// The rectangle that is erased, px of the input; nil for none.
  var erased: (columns: Range<Int>, rows: Range<Int>)?

  /// Nothing varied.
  init() {}

  /// Each number has its own index in the random stream, so that changing one preset value leaves
  /// the others' numbers alone.
  init(_ augmentation: Augmentation, input: InputSpec, random: CounterRandom) {
    func normal(_ index: Int, limit: Double) -> Double {
      min(max(random.normal(index), -limit), limit)
    }
    func symmetric(_ index: Int) -> Double { random.uniform(index) * 2 - 1 }
    let zoom = 1 / (1 + augmentation.scale * normal(50, limit: 1))
    let turns = random.uniform(1) < augmentation.rotationProbability
    let angle = turns ? augmentation.rotation * normal(51, limit: 2) : 0
    let (centerX, centerY) = (Double(input.width - 1) / 2, Double(input.height - 1) / 2)
    map = .turn(degrees: angle, scale: zoom, aboutX: centerX, aboutY: centerY)
    map.c += augmentation.shift * symmetric(2) * Double(input.width)
    map.f += augmentation.shift * symmetric(3) * Double(input.height)
    isMirrored = random.uniform(0) < augmentation.flip
    if isMirrored { map = map.then(.mirror(width: input.width)) }
    if random.uniform(4) < augmentation.halfBody {
      half = random.uniform(5) < 0.7 ? .upper : .lower
    }
    let contrast = 1 + augmentation.contrast * symmetric(6)
    let brightness = 255 * augmentation.brightness * symmetric(7)
    for channel in 0..<3 {
      gain[channel] = Float(contrast * (1 + augmentation.color * symmetric(8 + channel)))
    }
    offset = Float(127.5 * (1 - contrast) + brightness)
    if random.uniform(11) < augmentation.blur {
      blurSigma = augmentation.blurSigma * (1 + 2 * random.uniform(12)) / 3
    }
    if random.uniform(13) < augmentation.erase {
      func span(_ size: Int, _ length: Int, _ place: Int) -> Range<Int> {
        let share = augmentation.eraseSize * (1 + random.uniform(length)) / 2
        let count = min(size, Int((Double(size) * share).rounded()))
        let start = Int(random.uniform(place) * Double(size - count + 1))
        return start..<(start + count)
      }
      erased = (span(input.width, 14, 15), span(input.height, 16, 17))
    }
  }
}
