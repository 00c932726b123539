using Pss.Engine.Detectors;
using Pss.Engine.Training;

namespace Pss.Engine.Tests.Training;

public sealed class TrainingRecipeTests
{
    [Theory]
    [InlineData(205, 76)]
    [InlineData(8, 2000)]
    [InlineData(100_000, 12)]
    public void From_scratch_there_are_as_many_epochs_as_small_data_needs(int images, int epochs)
        => Assert.Equal(epochs, TrainingRecipe.FromScratch(3, images).Training.Schedule.Epochs);

    [Fact]
    public void From_scratch_everything_is_trained()
    {
        using var network = TrainingRecipe.FromScratch(3, 205).Detector.Build();
        Assert.All(network.named_parameters(), named => Assert.True(named.parameter.requires_grad, named.name));
    }

    [Fact]
    public void Both_are_within_their_ranges()
    {
        foreach (var recipe in (TrainingRecipe[])[TrainingRecipe.FromScratch(3, 205), TrainingRecipe.FineTuning(80)])
        {
            recipe.Detector.Validate();
            recipe.Training.Validate();
            recipe.Augmentation.Validate();
        }
    }
}
