from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [("cases", "0001_initial")]

    operations = [
        migrations.AddField(
            model_name="dossierrecord",
            name="other_name",
            field=models.CharField(blank=True, default="", max_length=50),
            preserve_default=False,
        ),
    ]
