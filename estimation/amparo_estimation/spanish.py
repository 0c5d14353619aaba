"""The Spanish of the report, by its English sentences. Values are filled into the braces afterwards."""

from . import words

SPANISH = {
    words.NOT_ENOUGH: "No hay datos suficientes: estas listas no permiten saber cuántas personas quedaron fuera.",
    words.DISAGREE: "Los modelos discrepan: publique el rango y el intervalo, nunca una sola cifra.",
    words.WITHHELD: "Sin estimación: no se encontró nada que se pueda publicar.",
    words.ESTIMATED: "Publique el intervalo con sus advertencias, nunca una sola cifra.",
    words.LOWER_END: (
        "Publique solo el extremo inferior, como «al menos»: los modelos en que unas personas son más difíciles de "
        "ver que otras no se ajustan peor y dan más."
    ),
    words.TWO_LISTS_ONLY: "No la publique: con dos listas no se puede comprobar si una lleva a las personas a la otra.",
    words.TOO_FEW_TWICE: "No la publique: menos de treinta personas figuran en dos o más listas.",
    words.TOO_LOW: "Si unas personas son más difíciles de ver que otras, esta cifra es demasiado baja.",
    words.AT_LEAST: (
        "Al menos unas %(people)s personas, aunque unas sean más difíciles de ver que otras, siempre que ninguna lista "
        "lleve a las personas a otra."
    ),
    words.IF_RELATED: (
        "Si, entre cada dos listas que el modelo no relaciona, figurar en una duplicara las posibilidades (odds) de "
        "figurar en la otra, habría unas %(people)s personas."
    ),
    words.OF_ONE_MODEL: "El intervalo es de un solo modelo: no incluye la duda sobre la elección del modelo.",
    words.IF_UNSEEN: "Si ninguna lista pudiera ver nunca a la quinta parte, habría unas %(people)s personas.",
    words.NO_POINT_IS_KNOWN: (
        "Las listas no dicen qué punto es el verdadero: pregunte a quienes saben cómo trabajan las instituciones."
    ),
    words.RANGE_OF_MODELS: ("Es un rango de modelos, de la menor a la mayor de sus estimaciones: no es un intervalo."),
    words.SPARSE: (
        "Algunas listas que el modelo relaciona no tienen a nadie en común, así que uno de sus términos no "
        "tiene estimación finita."
    ),
    words.NO_ESTIMATE: "En algunos remuestreos ningún modelo dio una estimación; quedaron fuera del intervalo.",
    words.AT_OBSERVED: (
        "El intervalo empieza cerca del número observado: las listas informan muy poco sobre la población oculta."
    ),
    words.WIDE: "El extremo superior del intervalo es más del triple del inferior.",
    words.NEAR_MODELS_DIFFER: (
        "Modelos que ajustan casi igual de bien dan menos de la mitad o más del doble de esta estimación."
    ),
    words.BEST_MODELS_ONLY: "Los remuestreos eligieron entre los mejores modelos de los datos, no entre todos.",
    words.TWO_LISTS: "Con dos listas no se puede comprobar si una lleva a las personas a la otra.",
    words.NO_INTERVAL: "No hay intervalo: la estimación puntual no informa sobre su incertidumbre.",
    words.NEVER_SEEN: "Las listas no muestran a las personas que ninguna de ellas podría registrar.",
    words.AGREEMENT: "Que los métodos o los modelos coincidan no prueba que acierten.",
    words.SAME_PERSON: (
        "Supone que se reconoce a la misma persona en todas las listas: las coincidencias no detectadas "
        "suben la estimación y las falsas la bajan."
    ),
    words.FEW_OVERLAP: "Menos de treinta personas figuran en dos o más listas, y la estimación se apoya solo en ellas.",
    words.NO_OVERLAP: "Menos de siete personas figuran en dos o más listas.",
    words.NO_MODEL: "Ni el modelo más simple permite una estimación con estas listas.",
    words.EMPTY_LIST: "Se excluyó una lista vacía.",
    words.BIC_LEFT_OUT: "No se usó el método bic: con más de seis listas hay demasiados modelos para probarlos todos.",
    words.NOT_CONVERGED: "El resultado del método latent no se muestra: sus cadenas no concuerdan entre sí.",
    words.LIST_DECIDES: "Al excluir una de las listas, la estimación sale del intervalo.",
    "Linked at another threshold, the lists give an estimate outside the interval.": (
        "Vinculadas con otro umbral, las listas dan una estimación fuera del intervalo."
    ),
    "How many people there may be": "Cuántas personas puede haber",
    "10 classes": "10 clases",
    "The estimate and its doubts": "La estimación y su incertidumbre",
    "Method and model": "Método y modelo",
    "Method": "Método",
    "Model": "Modelo",
    "Point": "Estimación puntual",
    "People": "Personas",
    "Lists": "Listas",
    "Table": "Tabla",
    "Drawing": "Gráfico",
    "{level:.0%} interval": "Intervalo del {level:.0%}",
    "lower bound (Chao)": "cota inferior (Chao)",
    "Models": "Modelos",
    "Smallest and largest estimate": "Estimación menor y mayor",
    "Models that fit almost as well": "Modelos que ajustan casi igual de bien",
    "{low} to {high}": "{low} a {high}",
    "models within {within} BIC": "modelos a menos de {within} BIC",
    "Point and interval of each method, and the range of models that fit almost as well": (
        "Estimación puntual e intervalo de cada método, y rango de los modelos que ajustan casi igual de bien"
    ),
    "draws": "muestras",
    "resamples": "remuestreos",
    "Distribution of {many} {what}, {method}; shaded: the interval": (
        "Distribución de {many} {what}, {method}; sombreado: el intervalo"
    ),
    "Seed {seed}.": "Semilla {seed}.",
    "chain {chain}, first half": "cadena {chain}, primera mitad",
    "chain {chain}, second half": "cadena {chain}, segunda mitad",
    "the chains agree": "las cadenas concuerdan",
    "the chains do not agree, so their result is withheld": (
        "las cadenas no concuerdan, así que su resultado no se muestra"
    ),
    "R-hat {r_hat:.2f}: {agree} (they do below {limit}).": (
        "R-hat {r_hat:.2f}: {agree} (concuerdan por debajo de {limit})."
    ),
    "The chains of the latent classes": "Las cadenas de las clases latentes",
    "Chain": "Cadena",
    "Middle": "Mediana",
    "95% of the draws": "95 % de las muestras",
    "Where each half of each chain was: its median, and 95% of its draws": (
        "Dónde estuvo cada mitad de cada cadena: su mediana y el 95 % de sus muestras"
    ),
    "If lists lead people to each other": "Si unas listas llevan a las personas a otras",
    "If some people are beyond all lists": "Si hay personas fuera del alcance de todas las listas",
    "Odds ratio between lists": "Razón de posibilidades entre listas",
    "Share that no list could ever see": "Parte que ninguna lista podría ver",
    "{title}: how many people there would be, with the interval": "{title}: cuántas personas habría, con el intervalo",
    "fewer than 10": "menos de 10",
    "People on each combination of lists, to the nearest five": (
        "Personas en cada combinación de listas, redondeadas a cinco"
    ),
    "The models that fit best": "Los modelos que mejor ajustan",
    "without {name}": "sin {name}",
    "not enough data": "no hay datos suficientes",
    "Without one of the lists": "Sin una de las listas",
    "Without one of the lists, and linked at other thresholds": "Sin una de las listas y vinculadas con otros umbrales",
    "What was changed": "Qué se cambió",
    "{title}: the points beside the intervals of the estimate": (
        "{title}: los puntos junto a los intervalos de la estimación"
    ),
    "A missed link raises an estimate and a false one lowers it; no interval holds that doubt.": (
        "Un vínculo no detectado sube la estimación y uno falso la baja; ningún intervalo contiene esa duda."
    ),
}
