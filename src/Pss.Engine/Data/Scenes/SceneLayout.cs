using Pss.Engine.Evaluation;

namespace Pss.Engine.Data.Scenes;

/// <summary>Chooses the shapes of an image and their places.</summary>
internal sealed class SceneLayout(SceneOptions options, SeededRandom random)
{
    private const int Tries = 30;
    private const double ScatterOverlap = 0.2;
    private const int VisibilityGrid = 12;

    private readonly List<SceneShape> _placed = [];

    /// <summary>Chooses the shapes, from back to front.</summary>
    public List<SceneShape> Place()
    {
        var count = random.Next(options.MinObjects, options.MaxObjects + 1);
        if (count >= 2 && random.NextDouble() < options.CrowdProbability) PlaceCrowd(random.Next((count + 1) / 2, count) + 1);
        for (var tries = count * Tries; _placed.Count < count && tries > 0; tries--)
            Add(Somewhere(RandomPose()), Math.Min(ScatterOverlap, options.MaxOverlap));
        // Large shapes are mostly behind, so that they do not hide the small ones.
        return DropHidden([.. _placed.OrderByDescending(shape => shape.Box.Area * random.NextDouble(0.6, 1.6))]);
    }

    private void PlaceCrowd(int members)
    {
        var first = RandomPose() with { Size = Size(Math.Max(options.MinSize, options.MaxSize * 0.25), Math.Max(options.MinSize, options.MaxSize * 0.75)) };
        Add(Somewhere(first), 1);
        for (var tries = members * Tries; _placed.Count < members && tries > 0; tries--)
        {
            var neighbor = _placed[random.NextDouble() < 0.6 ? _placed.Count - 1 : random.Next(_placed.Count)];
            // Most overlaps are slight; otherwise few members of a crowd would be visible.
            var overlap = options.MinOverlap + (options.MaxOverlap - options.MinOverlap) * Math.Pow(random.NextDouble(), 2);
            var pose = neighbor.Pose with
            {
                Size = Math.Clamp(neighbor.Pose.Size * random.NextDouble(0.9, 1.1), options.MinSize, options.MaxSize),
                Angle = neighbor.Pose.Angle + random.NextDouble(-0.5, 0.5),
            };
            Add(Beside(neighbor, pose, overlap), options.MaxOverlap);
        }
    }

    private ShapePose RandomPose() => new(
        random.Next(SceneGenerator.Categories.Count),
        Size(options.MinSize, options.MaxSize),
        random.NextDouble(0, 2 * Math.PI),
        random.NextDouble(0.75, 1),
        random.NextDouble());

    private double Size(double from, double to) => from * Math.Pow(to / from, random.NextDouble());

    private SceneShape Somewhere(ShapePose pose)
    {
        var shape = SceneShape.Make(pose);
        double Along(double length, double side) => side / 2 + random.NextDouble() * (length - side);
        return shape.MoveTo(Along(options.Width, shape.Box.Width), Along(options.Height, shape.Box.Height));
    }

    // Moves away from the neighbor in a random direction until at most the given overlap is left.
    private SceneShape Beside(SceneShape neighbor, ShapePose pose, double overlap)
    {
        var shape = SceneShape.Make(pose);
        var (sin, cos) = Math.SinCos(random.NextDouble(0, 2 * Math.PI));
        var (x, y) = (neighbor.Box.X + neighbor.Box.Width / 2, neighbor.Box.Y + neighbor.Box.Height / 2);
        BoundingBox At(double distance) => shape.Box with { X = shape.Box.X + x + distance * cos, Y = shape.Box.Y + y + distance * sin };
        var (near, far) = (0.0, 2 * options.MaxSize);
        for (var i = 0; i < 20; i++)
        {
            var middle = (near + far) / 2;
            if (BoxOverlap.IoU(At(middle), neighbor.Box) > overlap) near = middle;
            else far = middle;
        }
        return shape.MoveTo(x + far * cos, y + far * sin);
    }

    private void Add(SceneShape shape, double maxOverlap)
    {
        var box = shape.Box;
        if (box.X >= 0 && box.Y >= 0 && box.X2 <= options.Width && box.Y2 <= options.Height
            && _placed.TrueForAll(other => BoxOverlap.IoU(box, other.Box) <= maxOverlap))
            _placed.Add(shape);
    }

    private List<SceneShape> DropHidden(List<SceneShape> backToFront)
    {
        var kept = new List<SceneShape>();
        for (var i = backToFront.Count - 1; i >= 0; i--)
            if (VisibleShare(backToFront[i], kept) >= options.MinVisible) kept.Add(backToFront[i]);
        kept.Reverse();
        return kept;
    }

    private static double VisibleShare(SceneShape shape, List<SceneShape> before)
    {
        var near = before.FindAll(other => BoxOverlap.IoU(shape.Box, other.Box) > 0);
        var (all, visible) = (0, 0);
        for (var i = 0; i < VisibilityGrid * VisibilityGrid && near.Count > 0; i++)
        {
            var x = (float)(shape.Box.X + (i % VisibilityGrid + 0.5) / VisibilityGrid * shape.Box.Width);
            var y = (float)(shape.Box.Y + (i / VisibilityGrid + 0.5) / VisibilityGrid * shape.Box.Height);
            if (!shape.Contains(x, y)) continue;
            all++;
            if (!near.Exists(other => other.Contains(x, y))) visible++;
        }
        return all == 0 ? 1 : (double)visible / all;
    }
}
